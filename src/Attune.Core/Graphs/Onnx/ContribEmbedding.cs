namespace Attune.Graphs.Onnx;

/// <summary>EmbedLayerNormalization: word + position + segment embeddings, normalised; the mask index is the number of real tokens of a row.</summary>
internal static class ContribEmbedding
{
    /// <summary>Inputs: input_ids, segment_ids, word, position and segment tables, gamma, beta, mask, position_ids; outputs: result, mask index, sum.</summary>
    public static void Expand(Node node, NodeWriter writer)
    {
        if (node.Input(2) is null || node.Input(3) is null || node.Input(5) is null || node.Input(6) is null) throw new NotSupportedException("lacks its word or position table, gamma or beta");
        var ids = node.Inputs[0];
        var words = writer.Emit(node, "Gather", [node.Inputs[2], ids], Attributes.Of(("axis", 0L)));
        var sum = writer.Emit(node, "Add", [words, writer.Emit(node, "Gather", [node.Inputs[3], Positions(node, writer, ids)], Attributes.Of(("axis", 0L)))]);
        if (node.Input(1) is { } segments && node.Input(4) is { } table)
            sum = writer.Emit(node, "Add", [sum, writer.Emit(node, "Gather", [table, segments], Attributes.Of(("axis", 0L)))]);
        if (node.Output(2) is { } total)
        {
            writer.Add(new Node($"{node.Name}.sum", "Identity", [sum], [total], Attributes.None));
            sum = total;
        }
        writer.Finish(node, "LayerNormalization", [sum, node.Inputs[5], node.Inputs[6]], Attributes.Of(("axis", -1L), ("epsilon", node.Attributes.Float("epsilon", 1e-12f))));
        if (node.Output(1) is not { } index) return;
        if (node.Input(7) is not { } mask) throw new NotSupportedException("gives a mask index without a mask");
        var counts = writer.Emit(node, "ReduceSum", [mask, writer.Integers(node, "axes", 1)], Attributes.Of(("keepdims", 0L)));
        writer.Add(new Node($"{node.Name}.mask_index", "Cast", [counts], [index], Attributes.Of(("to", (long)DataType.Int32))));
    }

    private static string Positions(Node node, NodeWriter writer, string ids)
    {
        if (node.Input(8) is { } given) return given;
        var length = writer.Emit(node, "Shape", [ids], Attributes.Of(("start", 1L), ("end", 2L)));
        var scalar = writer.Emit(node, "Squeeze", [length, writer.Integers(node, "axes", 0)]);
        return writer.Emit(node, "Range", [writer.Constant(node, "start", Tensor.Of([0L])), scalar, writer.Constant(node, "step", Tensor.Of([1L]))]);
    }
}
