using Attune.Graphs;
using Attune.Models;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>Puts low-rank branches beside the consumers of adapted weights. Values keep their names: the sum is called as the consumer's output was.</summary>
internal sealed class LoraRewrite(Graph graph, IReadOnlyList<LoraAdapter> adapters, double dropout, ulong seed)
{
    private readonly HashSet<string> _names = HeadReplacement.NamesOf(graph);
    private readonly WeightStore _weights = new(graph.Weights.All);
    private readonly List<Node> _nodes = [];
    private readonly IReadOnlyDictionary<string, ValueInfo> _values = ShapeInference.Infer(graph);

    public Graph Run()
    {
        var byConsumer = adapters.ToDictionary(a => a.Use.Consumer, a => a, (IEqualityComparer<Node>)ReferenceEqualityComparer.Instance);
        foreach (var node in graph.Nodes)
        {
            if (byConsumer.TryGetValue(node, out var adapter)) Adapt(node, adapter);
            else _nodes.Add(node);
        }
        return graph with { Nodes = _nodes, Weights = _weights };
    }

    private void Adapt(Node node, LoraAdapter adapter)
    {
        var weight = graph.Weights[adapter.Weight].Value;
        if (!_weights.Contains(adapter.A)) AddWeights(adapter, weight);   // several nodes may share an adapter
        var stem = adapter.Stem;
        var output = node.Outputs[0];
        var plain = Unique(output + ".base");
        var bias = adapter.Magnitude is not null && node.Operator == "Gemm" ? node.Inputs.ElementAtOrDefault(2) : null;
        _nodes.Add(node with { Inputs = bias is null ? node.Inputs : [.. node.Inputs.Take(2)], Outputs = [plain, .. node.Outputs.Skip(1)] });

        var x = node.Inputs[adapter.IsTable ? 1 : 0];
        if (dropout > 0) x = Append(stem + ".lora_dropout", "Dropout", [x, Constant(stem + ".lora_dropout.ratio", Tensor.Of([(float)dropout]))]);
        // A Gemm's own factor applies to the update too, as it will once merged.
        var scale = (float)(adapter.Scale * (node.Operator == "Gemm" ? node.Attributes.Float("alpha", 1) : 1));
        var update = node.Operator switch
        {
            "Gather" => Scaled(stem, Lookup(stem, x, adapter), scale, weight.Type),
            "Conv" => Scaled(stem, Convolve(stem, node, x, adapter), scale, weight.Type),
            _ when node.Operator == "Gemm" || _values[node.Inputs[0]].Shape?.Rank == 2 => Rows(stem, x, adapter, scale),
            _ => Tokens(stem, x, adapter, scale, weight.Type),
        };
        if (adapter.Magnitude is null)
        {
            _nodes.Add(new Node(Unique(stem + ".lora_sum"), "Add", [plain, update], [output], Attributes.None));
            return;
        }
        // m/‖W + s·B·A‖ · (W·x + s·B·A·x) + b
        var sum = Append(stem + ".lora_sum", "Add", [plain, update]);
        var ratio = Ratio(stem, adapter, (float)adapter.Scale, weight.Type);
        if (bias is not { Length: > 0 }) _nodes.Add(new Node(Unique(stem + ".lora_magnitude"), "Mul", [sum, ratio], [output], Attributes.None));
        else _nodes.Add(new Node(Unique(stem + ".lora_bias"), "Add", [Append(stem + ".lora_magnitude", "Mul", [sum, ratio]), bias], [output], Attributes.None));
    }

    private void AddWeights(LoraAdapter adapter, Tensor weight)
    {
        _weights.Add(adapter.A, Mlp.Uniform(seed, adapter.A, 1 / Math.Sqrt(adapter.Inputs), adapter.SizesOfA(weight)).ToFloating(weight.Type));
        _weights.Add(adapter.B, Tensor.Of(new float[adapter.Outputs * adapter.Rank / adapter.Groups], adapter.SizesOfB(weight)).ToFloating(weight.Type));
        if (adapter.Magnitude is { } magnitude) _weights.Add(magnitude, RowNorms(weight, adapter).ToFloating(weight.Type));
    }

    // ‖W‖ by output row, [out]: the magnitudes at which a fresh adapter changes nothing
    private static Tensor RowNorms(Tensor weight, LoraAdapter adapter)
    {
        ReadOnlySpan<double> values = weight.ToFloating(DataType.Double).Data.Span<double>();
        var (outputs, inputs) = ((int)adapter.Outputs, (int)adapter.Inputs);
        var norms = new float[outputs];
        for (var o = 0; o < outputs; o++)
        {
            double sum = 0;
            for (var i = 0; i < inputs; i++)
            {
                var value = values[adapter.OutputsFirst ? o * inputs + i : i * outputs + o];
                sum += value * value;
            }
            norms[o] = (float)Math.Sqrt(sum);
        }
        return Tensor.Of(norms, outputs);
    }

    // m/‖W + s·B·A‖, [out]; no gradient flows through the norm (section 4.3 of the paper)
    private string Ratio(string stem, LoraAdapter adapter, float scale, DataType type)
    {
        var weight = adapter.OutputsFirst ? adapter.Weight : Append(stem + ".lora_base.transposed", "Transpose", [adapter.Weight], Attributes.Of(("perm", (long[])[1, 0])));
        var change = Scaled(stem + ".lora_change", Append(stem + ".lora_change", "MatMul", [adapter.B, adapter.A]), scale, type);
        var norm = Append(stem + ".lora_norm", "ReduceL2", [Append(stem + ".lora_changed", "Add", [weight, change]), Constant(stem + ".lora_norm.axes", Tensor.Of([1L], 1))], Attributes.Of(("keepdims", 0L)));
        // A product, not a quotient: readers of ONNX files take a factor along an axis for a weight.
        var inverse = Append(stem + ".lora_norm.inverse", "Reciprocal", [Append(stem + ".lora_norm.fixed", "StopGradient", [norm], domain: Node.AttuneDomain)]);
        return Append(stem + ".lora_ratio", "Mul", [inverse, adapter.Magnitude!]);
    }

    // ids [B, T] → [B, T, r] → [B, T, width]
    private string Lookup(string stem, string ids, LoraAdapter adapter)
    {
        var rows = Append(stem + ".lora_A.transposed", "Transpose", [adapter.A], Attributes.Of(("perm", (long[])[1, 0])));
        var low = Append(stem + ".lora_A", "Gather", [rows, ids], Attributes.Of(("axis", 0L)));
        return Append(stem + ".lora_B", "MatMul", [low, Append(stem + ".lora_B.transposed", "Transpose", [adapter.B], Attributes.Of(("perm", (long[])[1, 0])))]);
    }

    // x [B, in] → [B, r] → [B, out]
    private string Rows(string stem, string x, LoraAdapter adapter, float scale)
    {
        var low = Append(stem + ".lora_A", "Gemm", [x, adapter.A], Attributes.Of(("transB", 1L)));
        return Append(stem + ".lora_B", "Gemm", [low, adapter.B], Attributes.Of(("alpha", scale), ("transB", 1L)));
    }

    // x [B, T, in] → [B, T, r] → [B, T, out]
    private string Tokens(string stem, string x, LoraAdapter adapter, float scale, DataType type)
    {
        // Scaled where it is narrow: a training pass keeps a value of r numbers a token, not one of the layer's width.
        var low = Append(stem + ".lora_A", "MatMul", [x, Append(stem + ".lora_A.transposed", "Transpose", [adapter.A], Attributes.Of(("perm", (long[])[1, 0])))]);
        return Append(stem + ".lora_B", "MatMul", [Scaled(stem, low, scale, type), Append(stem + ".lora_B.transposed", "Transpose", [adapter.B], Attributes.Of(("perm", (long[])[1, 0])))]);
    }

    // A with the convolution's own window, strides and groups; B 1×1
    private string Convolve(string stem, Node node, string x, LoraAdapter adapter)
    {
        var low = Append(stem + ".lora_A", "Conv", [x, adapter.A], node.Attributes);
        return Append(stem + ".lora_B", "Conv", [low, adapter.B], Attributes.Of(("group", (long)adapter.Groups)));
    }

    private string Scaled(string stem, string value, float scale, DataType type)
        => scale == 1 ? value : Append(stem + ".lora_scale", "Mul", [value, Constant(stem + ".lora_scale.factor", Tensor.Of([scale], []).ToFloating(type))]);

    private string Append(string name, string op, IReadOnlyList<string> inputs, Attributes? attributes = null, string domain = "")
    {
        var node = new Node(Unique(name), op, inputs, [Unique(name + ".out")], attributes ?? Attributes.None) { Domain = domain };
        _nodes.Add(node);
        return node.Outputs[0];
    }

    private string Constant(string hint, Tensor value)
    {
        var name = Unique(hint);
        _weights.Add(name, value, WeightRole.Constant);
        return name;
    }

    private string Unique(string hint) => HeadReplacement.Unique(_names, hint);
}
