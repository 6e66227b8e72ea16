namespace Attune.Graphs.Rewrites;

/// <summary>
/// Turns a quantized graph into the fp32 one it stands for, so that it can train: stored integers become fp32 weights, pairs of QuantizeLinear and
/// DequantizeLinear around activations go, QLinear operators and the patterns of dynamic quantization become their fp32 operators. Where a
/// quantizer had let the integer range do the work of Relu or of a Clip at 6, that activation comes back. Rounding is lost, by design.
/// </summary>
public static class Dequantization
{
    /// <summary>Key of the graph's metadata that says what was dequantized.</summary>
    public const string MetadataKey = "attune.dequantized";

    /// <summary>The fp32 graph; the same graph when nothing in it is quantized.</summary>
    /// <exception cref="NotSupportedException">Some quantized nodes have no fp32 form that Attune knows; names the first of them.</exception>
    public static Graph Run(Graph graph)
    {
        if (!graph.Nodes.Any(IsQuantized)) return graph;
        if (graph.Nodes.FirstOrDefault(IsIncomplete) is { } broken) throw new NotSupportedException($"Node '{broken.Name}' ({broken.QualifiedOperator}) has {broken.Inputs.Count} inputs and {broken.Outputs.Count} outputs, too few for this operator.");
        var edit = new GraphEdit(graph);
        var weights = new DequantizedWeights(edit);
        DynamicQuantization.Run(edit, weights);
        var walk = new QuantizedValues(edit, weights);
        foreach (var node in edit.Nodes)
        {
            if (edit.Holds(node)) walk.Rewrite(node);
        }
        walk.Finish();
        edit.Metadata[MetadataKey] = $"{graph.Nodes.Count(IsQuantized)} quantized nodes, {weights.Count} weights";
        var result = edit.Build();
        List<Node> left = [.. result.Nodes.Where(n => IsQuantized(n) && !walk.Keeps(n))];
        if (left.Count > 0)
            throw new NotSupportedException($"Node '{left[0].Name}' ({left[0].QualifiedOperator}) is quantized in a way that has no fp32 form here ({left.Count} such nodes). Train the model that was quantized, not its quantized file.");
        return result;
    }

    /// <summary>True for a node that lacks inputs or outputs the rewrite relies on; such a file is damaged.</summary>
    private static bool IsIncomplete(Node node)
    {
        var least = node.Operator switch
        {
            "QLinearConv" or "QLinearMatMul" => 8,
            "QLinearAdd" or "QLinearMul" => 7,
            "QGemm" => 6,
            "QLinearSigmoid" or "QLinearLeakyRelu" or "QLinearSoftmax" or "QLinearGlobalAveragePool" or "QLinearAveragePool" => 4,
            "MatMulIntegerToFloat" => 4,
            "DynamicQuantizeMatMul" => 3,
            "QuantizeLinear" or "DequantizeLinear" or "MatMulInteger" or "ConvInteger" or "QLinearConcat" => 2,
            "DynamicQuantizeLinear" => 1,
            _ => Operators.OperatorCatalog.Find(node.Domain, node.Operator)?.Inputs.Min ?? 0,
        };
        return node.Inputs.Count < least || node.Outputs.Count == 0 || (IsQuantized(node) && node.Output(0) is null);
    }

    /// <summary>True for operators over quantized integers.</summary>
    internal static bool IsQuantized(Node node) => node.Domain is "" or "com.microsoft" && (node.Operator is "QuantizeLinear" or "DequantizeLinear" or "DynamicQuantizeLinear" or "MatMulInteger" or "ConvInteger"
        or "DynamicQuantizeMatMul" or "MatMulIntegerToFloat" or "QGemm" or "QAttention" or "QEmbedLayerNormalization" || node.Operator.StartsWith("QLinear", StringComparison.Ordinal));
}
