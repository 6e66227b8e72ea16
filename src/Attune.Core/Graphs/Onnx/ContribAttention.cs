namespace Attune.Graphs.Onnx;

/// <summary>Attention (one packed weight for q, k and v) and MultiHeadAttention of ONNX Runtime → Attention of opset 23 over [B, N, T, H].</summary>
internal static class ContribAttention
{
    /// <summary>softmax(q·kᵀ·scale + mask)·v with [q, k, v] = x·W + b, W [D, 3·D].</summary>
    public static void Packed(Node node, NodeWriter writer)
    {
        Refuse(node, (4, "past keys and values"), (5, "a relative position bias"), (6, "the length of past keys"));
        if (node.Attributes.Int("do_rotary") != 0) throw new NotSupportedException("rotates its keys (do_rotary)");
        if (node.Output(1) is not null) throw new NotSupportedException("gives its keys and values to other nodes");
        var heads = Heads(node);
        var packed = writer.Emit(node, "MatMul", [node.Inputs[0], node.Inputs[1]]);
        if (node.Input(2) is { } bias) packed = writer.Emit(node, "Add", [packed, bias]);
        var sizes = node.Attributes.Get<long[]>("qkv_hidden_sizes") is { Length: 3 } given ? given : Thirds(node, writer);
        var parts = writer.EmitMany(node, "Split", [packed, writer.Integers(node, "sizes", sizes)], 3, Attributes.Of(("axis", -1L)));
        string[] split = [.. parts.Select((p, i) => SplitHeads(node, writer, p, heads, sizes[i]))];
        var mask = node.Input(3) is { } m ? Mask(node, writer, m, split[0]) : null;
        Attend(node, writer, split, mask, node.Attributes.Int("unidirectional") != 0, sizes[2]);
    }

    /// <summary>Inputs: query, key, value [B, T, D], bias of all three, key padding mask, attention bias.</summary>
    public static void MultiHead(Node node, NodeWriter writer)
    {
        Refuse(node, (6, "past keys"), (7, "past values"), (8, "the length of past keys"), (9, "a cache indirection"));
        if (node.Output(1) is not null || node.Output(2) is not null || node.Output(3) is not null) throw new NotSupportedException("gives its keys, values or scores to other nodes");
        var heads = Heads(node);
        if (node.Input(1) is not { } key || node.Input(2) is not { } value) throw new NotSupportedException("has packed keys and values; only separate query, key and value are read");
        string[] sources = [node.Inputs[0], key, value];
        var sizes = new long[3];
        for (var i = 0; i < 3; i++)
            sizes[i] = writer.Shape(sources[i]) is { Rank: 3 } shape && shape[2].Size is { } size ? size : throw new NotSupportedException($"reads '{sources[i]}', which must be [batch, tokens, width] with a known width");
        if (node.Input(3) is { } bias)
        {
            var parts = writer.EmitMany(node, "Split", [bias, writer.Integers(node, "sizes", sizes)], 3, Attributes.Of(("axis", 0L)));
            for (var i = 0; i < 3; i++) sources[i] = writer.Emit(node, "Add", [sources[i], parts[i]]);
        }
        string[] split = [.. sources.Select((s, i) => SplitHeads(node, writer, s, heads, sizes[i]))];
        var mask = node.Input(4) is { } padding ? Mask(node, writer, padding, split[0]) : null;
        if (node.Input(5) is { } added) mask = mask is null ? added : writer.Emit(node, "Add", [mask, added]);
        Attend(node, writer, split, mask, node.Attributes.Int("unidirectional") != 0, sizes[2]);
    }

    private static void Refuse(Node node, params (int Slot, string What)[] parts)
    {
        foreach (var (slot, what) in parts)
        {
            if (node.Input(slot) is not null) throw new NotSupportedException($"uses {what}, which only generation needs");
        }
    }

    private static long Heads(Node node) => node.Attributes.Int("num_heads") is > 0 and var heads ? heads : throw new NotSupportedException("has no num_heads");

    private static long[] Thirds(Node node, NodeWriter writer)
        => writer.Shape(node.Inputs[1]) is { Rank: 2 } shape && shape[1].Size is { } width && width % 3 == 0 ? [width / 3, width / 3, width / 3] : throw new NotSupportedException("has a packed weight of unknown width");

    /// <summary>[B, T, N·H] → [B, N, T, H].</summary>
    private static string SplitHeads(Node node, NodeWriter writer, string value, long heads, long width)
    {
        if (width % heads != 0) throw new NotSupportedException($"splits a width of {width} into {heads} heads");
        var apart = writer.Emit(node, "Reshape", [value, writer.Integers(node, "heads", 0, 0, heads, width / heads)]);
        return writer.Emit(node, "Transpose", [apart], Attributes.Of(("perm", new long[] { 0, 2, 1, 3 })));
    }

    /// <summary>A padding mask of 0 and 1 [B, T], or of whole rows [B, Tq, Tk], or the number of real tokens [B] → what is added to the scores.</summary>
    private static string Mask(Node node, NodeWriter writer, string mask, string query)
    {
        var type = writer.Type(query);
        var axes = writer.Shape(mask)?.Rank switch
        {
            2 => writer.Integers(node, "axes", 1, 2),
            3 => writer.Integers(node, "axes", 1),
            4 => null,
            1 => throw new NotSupportedException("masks by the number of real tokens; export it with a mask of 0 and 1 for each token"),
            _ => throw new NotSupportedException($"has a mask '{mask}' of unknown rank"),
        };
        var wide = axes is null ? mask : writer.Emit(node, "Unsqueeze", [mask, axes]);
        var real = writer.Emit(node, "Cast", [wide], Attributes.Of(("to", (long)type)));
        var masked = writer.Emit(node, "Sub", [writer.Scalar(node, 1, type), real]);
        return writer.Emit(node, "Mul", [masked, writer.Scalar(node, node.Attributes.Float("mask_filter_value", -10000f), type)]);
    }

    private static void Attend(Node node, NodeWriter writer, string[] split, string? mask, bool causal, long width)
    {
        var attributes = new List<KeyValuePair<string, object>>();
        if (node.Attributes.Float("scale") is var scale && scale != 0) attributes.Add(KeyValuePair.Create("scale", (object)scale));
        if (causal) attributes.Add(KeyValuePair.Create("is_causal", (object)1L));
        var context = writer.Emit(node, "Attention", mask is null ? split : [.. split, mask], new Attributes(attributes));
        var merged = writer.Emit(node, "Transpose", [context], Attributes.Of(("perm", new long[] { 0, 2, 1, 3 })));
        writer.Finish(node, "Reshape", [merged, writer.Integers(node, "width", 0, 0, width)]);
    }
}
