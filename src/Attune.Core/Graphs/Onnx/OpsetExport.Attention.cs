namespace Attune.Graphs.Onnx;

/// <content>Attention before opset 23: softmax(scale·q·kᵀ + mask)·v in single steps, grouped heads, causal mask and soft cap included.</content>
internal sealed partial class OpsetExport
{
    /// <summary>ONNX Runtime 1.31 takes a mask for each query only, though the operator's definition lets it broadcast; others are written as the body.</summary>
    private bool HasFullMask(Node node)
        => node.Input(3) is not { } mask || node.Outputs.Skip(1).Any(o => o.Length > 0) || node.Input(4) is not null
        || (_inference.Lookup(mask).Shape is { Rank: > 1 } shape && _inference.Lookup(node.Inputs[0]).Shape is { } query && shape[-2] == query[query.Rank == 4 ? 2 : 1] && (shape[-2].Size ?? 0) + (shape[-2].Symbol?.Length ?? 0) > 0);

    private void Attention(Node node)
    {
        if (node.Input(4) is not null || node.Input(5) is not null || node.Outputs.Skip(1).Any(o => o.Length > 0)) throw Unsaid(node, "neither past keys and values nor further outputs");
        var (q, heads) = Heads(node, 0, "q_num_heads");
        var (k, groups) = Heads(node, 1, "kv_num_heads");
        var (v, _) = Heads(node, 2, "kv_num_heads");
        if (Width(node, 0, heads) is not { } width || Width(node, 2, groups) is not { } valueWidth) throw Unsaid(node, "a known width of its heads");
        if (heads != groups) (k, v) = (Repeated(node, k, heads, groups, width), Repeated(node, v, heads, groups, valueWidth));
        var type = _inference.Lookup(node.Inputs[0]).Type;
        // half of the scale on each side, as the operator's definition has it
        var root = Scalar(node, Math.Sqrt(node.Attributes.Float("scale", (float)(1 / Math.Sqrt(width)))), type);
        var columns = _writer.Emit(node, "Transpose", [Emit("Mul", [k, root], node)], Attributes.Of(("perm", new long[] { 0, 1, 3, 2 })));
        var scores = Emit("MatMul", [Emit("Mul", [q, root], node), columns], node);
        // before the mask, as ONNX Runtime has it: capped after it, a masked score would come back
        if (node.Attributes.Float("softcap") is > 0 and var cap)
            scores = Emit("Mul", [Emit("Tanh", [Emit("Div", [scores, Scalar(node, cap, type)], node)], node), Scalar(node, cap, type)], node);
        if (node.Input(3) is { } mask) scores = Emit("Add", [scores, _inference.Lookup(mask).Type == DataType.Bool ? Added(node, mask, type) : mask], node);
        if (node.Attributes.Int("is_causal") != 0) scores = Emit("Add", [scores, Added(node, Lower(node, q, k), type)], node);
        var shares = _writer.Emit(node, "Softmax", [scores], Attributes.Of(("axis", -1L)));
        if (_inference.Lookup(node.Inputs[0]).Shape!.Rank == 4)
        {
            Emit("MatMul", [shares, v], node.Outputs[0], node.Name);
            return;
        }
        var merged = _writer.Emit(node, "Transpose", [Emit("MatMul", [shares, v], node)], Attributes.Of(("perm", new long[] { 0, 2, 1, 3 })));
        Emit("Reshape", [merged, _writer.Integers(node, "width", 0, 0, heads * valueWidth)], node.Outputs[0], node.Name);
    }

    /// <summary>An input as [B, N, T, d] with its number of heads.</summary>
    private (string Value, long Heads) Heads(Node node, int slot, string attribute)
    {
        var shape = _inference.Lookup(node.Inputs[slot]).Shape;
        if (shape is { Rank: 4 } && shape[1].Size is { } known) return (node.Inputs[slot], known);
        var heads = node.Attributes.Int(attribute);
        if (shape is not { Rank: 3 } || heads <= 0 || shape[2].Size is not { } width) throw Unsaid(node, "query, key and value of three or four axes with known heads");
        var apart = Emit("Reshape", [node.Inputs[slot], _writer.Integers(node, "heads", 0, 0, heads, width / heads)], node);
        return (_writer.Emit(node, "Transpose", [apart], Attributes.Of(("perm", new long[] { 0, 2, 1, 3 }))), heads);
    }

    private long? Width(Node node, int slot, long heads)
        => _inference.Lookup(node.Inputs[slot]).Shape is not { } shape || shape[-1].Size is not { } size ? null : shape.Rank == 4 ? size : size / heads;

    /// <summary>Every key or value head for the query heads of its group: [B, M, S, d] → [B, N, S, d].</summary>
    private string Repeated(Node node, string value, long heads, long groups, long width)
    {
        var apart = Emit("Unsqueeze", [value, _writer.Integers(node, "axes", 2)], node);
        var wide = Emit("Expand", [apart, _writer.Integers(node, "repeats", 1, 1, heads / groups, 1, 1)], node);
        return Emit("Reshape", [wide, _writer.Integers(node, "repeated", 0, heads, -1, width)], node);
    }

    /// <summary>True → 0, false → −∞.</summary>
    private string Added(Node node, string mask, DataType type) => Emit("Where", [mask, Scalar(node, 0, type), Scalar(node, float.NegativeInfinity, type)], node);

    /// <summary>True on and below the diagonal of [T, S].</summary>
    private string Lower(Node node, string q, string k)
    {
        string Tokens(string value) => _writer.Emit(node, "Shape", [value], Attributes.Of(("start", 2L), ("end", 3L)));
        var sizes = _writer.Emit(node, "Concat", [Tokens(q), Tokens(k)], Attributes.Of(("axis", 0L)));
        var ones = _writer.Emit(node, "ConstantOfShape", [sizes], Attributes.Of(("value", Tensor.Of([1f], 1))));
        return _writer.Emit(node, "Cast", [_writer.Emit(node, "Trilu", [ones], Attributes.Of(("upper", 0L)))], Attributes.Of(("to", (long)DataType.Bool)));
    }

    private ArgumentException Unsaid(Node node, string what)
        => new($"Node '{node.Name}' ({node.Operator}) can be written for opset {_opset} with {what} only; write opset 23.");
}
