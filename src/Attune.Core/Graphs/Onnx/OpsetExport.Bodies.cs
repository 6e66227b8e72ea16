using Attune.Graphs.Operators;

namespace Attune.Graphs.Onnx;

/// <content>Bodies of GroupNormalization before opset 21, RotaryEmbedding before 23 and Mish before 18; attributes that older operator sets spell otherwise.</content>
internal sealed partial class OpsetExport
{
    /// <summary>Groups as the channels of an InstanceNormalization, then scale and shift for each channel.</summary>
    private void GroupNormalization(Node node)
    {
        var (x, groups) = (node.Inputs[0], node.Attributes.Int("num_groups"));
        if (_inference.Lookup(x).Shape is not { Rank: > 2 } shape || shape[1].Size is not { } channels || groups <= 0) throw Unsaid(node, "a known number of channels");
        var type = _inference.Lookup(x).Type;
        var rows = Emit("Reshape", [x, _writer.Integers(node, "groups", 0, groups, -1)], node);
        string Filled(string hint, float value) => _writer.Constant(node, hint, Tensor.Of([.. Enumerable.Repeat(value, (int)groups)], groups).ToFloating(type));
        var normal = _writer.Emit(node, "InstanceNormalization", [rows, Filled("ones", 1), Filled("zeros", 0)], Attributes.Of(("epsilon", node.Attributes.Float("epsilon", 1e-5f))));
        var whole = Emit("Reshape", [normal, Emit("Shape", [x], node)], node);
        var column = _writer.Integers(node, "column", [channels, .. Enumerable.Repeat(1L, shape.Rank - 2)]);
        var scaled = Emit("Mul", [whole, Emit("Reshape", [node.Inputs[1], column], node)], node);
        Emit("Add", [scaled, Emit("Reshape", [node.Inputs[2], column], node)], node.Outputs[0], node.Name);
    }

    /// <summary>Pairs of features turned by the angle of their position: [cos·x₁ − sin·x₂, sin·x₁ + cos·x₂].</summary>
    private void RotaryEmbedding(Node node)
    {
        var shape = _inference.Lookup(node.Inputs[0]).Shape;
        var heads = node.Attributes.Int("num_heads");
        if (shape is not { Rank: 3 or 4 } || shape[-1].Size is not { } last || (shape.Rank == 3 && heads <= 0)) throw Unsaid(node, "a known width, and num_heads for three axes");
        var width = shape.Rank == 4 ? last : last / heads;
        // [B, T, N, d]: the angles [B, T, 1, d/2] broadcast over the heads
        var x = shape.Rank == 4 ? Turned(node, node.Inputs[0]) : Emit("Reshape", [node.Inputs[0], _writer.Integers(node, "heads", 0, 0, heads, width)], node);
        var turning = node.Attributes.Int("rotary_embedding_dim") is > 0 and var given ? given : width;
        string? rest = null;
        if (turning < width)
        {
            var parts = _writer.EmitMany(node, "Split", [x, _writer.Integers(node, "sizes", turning, width - turning)], 2, Attributes.Of(("axis", -1L)));
            (x, rest) = (parts[0], parts[1]);
        }
        var (cos, sin) = (Angles(node, node.Inputs[1]), Angles(node, node.Inputs[2]));
        var interleaved = node.Attributes.Int("interleaved") != 0;
        if (interleaved) x = Emit("Reshape", [x, _writer.Integers(node, "pairs", 0, 0, 0, turning / 2, 2)], node);
        var halves = _writer.EmitMany(node, "Split", [x, _writer.Integers(node, "halves", interleaved ? [1, 1] : [turning / 2, turning / 2])], 2, Attributes.Of(("axis", -1L)));
        if (interleaved) halves = [.. halves.Select(h => Emit("Squeeze", [h, _writer.Integers(node, "axes", -1)], node))];
        string[] turned =
        [
            Emit("Sub", [Emit("Mul", [cos, halves[0]], node), Emit("Mul", [sin, halves[1]], node)], node),
            Emit("Add", [Emit("Mul", [sin, halves[0]], node), Emit("Mul", [cos, halves[1]], node)], node),
        ];
        if (interleaved) turned = [.. turned.Select(t => Emit("Unsqueeze", [t, _writer.Integers(node, "axes", -1)], node))];
        var joined = _writer.Emit(node, "Concat", turned, Attributes.Of(("axis", -1L)));
        if (interleaved) joined = Emit("Reshape", [joined, _writer.Integers(node, "joined", 0, 0, 0, turning)], node);
        if (rest is not null) joined = _writer.Emit(node, "Concat", [joined, rest], Attributes.Of(("axis", -1L)));
        if (shape.Rank == 4) _nodes.Add(new Node(node.Name, "Transpose", [joined], [node.Outputs[0]], Attributes.Of(("perm", new long[] { 0, 2, 1, 3 }))));
        else Emit("Reshape", [joined, _writer.Integers(node, "width", 0, 0, last)], node.Outputs[0], node.Name);
    }

    private string Turned(Node node, string value) => _writer.Emit(node, "Transpose", [value], Attributes.Of(("perm", new long[] { 0, 2, 1, 3 })));

    private string Angles(Node node, string cache)
        => Emit("Unsqueeze", [node.Input(3) is { } positions ? Emit("Gather", [cache, positions], node) : cache, _writer.Integers(node, "axes", 2)], node);

    private void Mish(Node node) => Emit("Mul", [node.Inputs[0], Emit("Tanh", [Emit("Softplus", [node.Inputs[0]], node)], node)], node.Outputs[0], node.Name);

    /// <summary>The node as this operator set spells it.</summary>
    private Node Spelt(Node node)
    {
        if (OperatorCatalog.Find(node.Domain, node.Operator) is { } known && known.Since > _opset)
            throw new ArgumentException($"Node '{node.Name}' ({node.Operator}) exists from opset {known.Since} on; it cannot be written for opset {_opset}.");
        switch (node.Operator)
        {
            case "Cast" when _opset < 19: return Without(node, "saturate");
            case "GridSample" when _opset < 20:
                var mode = node.Attributes.Text("mode", "linear");
                return With(node, "mode", mode switch { "linear" => "bilinear", "cubic" => "bicubic", _ => mode });
            case "Resize" when _opset < 18 && (node.Attributes.Int("antialias") != 0 || node.Attributes.ContainsKey("axes") || node.Attributes.Text("keep_aspect_ratio_policy", "stretch") != "stretch"):
                throw new ArgumentException($"Node '{node.Name}' (Resize) uses antialias, axes or an aspect ratio policy; that needs opset 18 or newer.");
            case "Pad" when _opset < 18 && node.Input(3) is not null: throw new ArgumentException($"Node '{node.Name}' (Pad) names its axes; that needs opset 18 or newer.");
            case "QuantizeLinear" or "DequantizeLinear" when _opset < 21:
                if (node.Attributes.Int("block_size") != 0) throw new ArgumentException($"Node '{node.Name}' ({node.Operator}) has a scale for each block; that needs opset 21 or newer.");
                return Without(Without(Without(node, "block_size"), "output_dtype"), "precision");
            default: return node;
        }
    }

    private static Node With(Node node, string attribute, object value)
        => node with { Attributes = new Attributes(node.Attributes.Where(a => a.Key != attribute).Append(KeyValuePair.Create(attribute, value))) };
}
