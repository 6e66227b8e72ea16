namespace Attune.Graphs.Rewrites;

/// <summary>
/// The patterns of dynamic quantization: x → DynamicQuantizeLinear → MatMulInteger or ConvInteger with stored integers → Cast → Mul(scale of x · scale of W),
/// and ONNX Runtime's nodes that hold them in one.
/// </summary>
internal static class DynamicQuantization
{
    /// <summary>Rewrites every match; what matches nothing stays.</summary>
    public static void Run(GraphEdit edit, DequantizedWeights weights)
    {
        foreach (var node in edit.Nodes)
        {
            if (!edit.Holds(node)) continue;
            switch (node.Operator)
            {
                case "MatMulInteger" when node.Domain.Length == 0: Integer(edit, weights, node, "MatMul"); break;
                case "ConvInteger" when node.Domain.Length == 0: Integer(edit, weights, node, "Conv"); break;
                case "DynamicQuantizeMatMul": Fused(edit, weights, node, node.Inputs[0], node.Inputs[1], node.Input(2), node.Input(3), node.Input(4)); break;
                case "MatMulIntegerToFloat" when edit.Writer(node.Inputs[0], "DynamicQuantizeLinear") is { } quantize && quantize.Output(1) == node.Input(2):
                    Fused(edit, weights, node, quantize.Inputs[0], node.Inputs[1], node.Input(3), node.Input(5), node.Input(6));
                    break;
            }
        }
    }

    private static void Integer(GraphEdit edit, DequantizedWeights weights, Node node, string op)
    {
        if (edit.Writer(node.Inputs[0], "DynamicQuantizeLinear") is not { } quantize || node.Input(2) is { } zero && zero != quantize.Output(2)) return;
        if (edit.OnlyReader(node.Outputs[0]) is not { Operator: "Cast" } cast || edit.OnlyReader(cast.Outputs[0]) is not { Operator: "Mul" } rescale) return;
        var factor = rescale.Inputs[rescale.Inputs[0] == cast.Outputs[0] ? 1 : 0];
        if (edit.Writer(factor, "Mul") is not { } scales || quantize.Output(1) is not { } inputScale || !scales.Inputs.Contains(inputScale)) return;
        var weightScale = scales.Inputs[scales.Inputs[0] == inputScale ? 1 : 0];
        if (weights.Get(node.Inputs[1], weightScale, node.Input(3), op == "Conv" ? 0 : -1, 0) is not { } weight) return;
        edit.Replace(rescale, new Node(node.Name, op, [quantize.Inputs[0], weight], [rescale.Outputs[0]], node.Attributes));
    }

    private static void Fused(GraphEdit edit, DequantizedWeights weights, Node node, string x, string values, string? scale, string? zero, string? bias)
    {
        if (scale is null || weights.Get(values, scale, zero, -1, 0) is not { } weight) return;
        if (bias is null)
        {
            edit.Replace(node, new Node(node.Name, "MatMul", [x, weight], [node.Outputs[0]], Attributes.None));
            return;
        }
        var product = edit.Fresh($"{node.Name}.matmul");
        edit.Replace(node, new Node(product, "MatMul", [x, weight], [product], Attributes.None), new Node(node.Name, "Add", [product, bias], [node.Outputs[0]], Attributes.None));
    }
}
