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
        _weights.Add(adapter.A, Mlp.Uniform(seed, adapter.A, 1 / Math.Sqrt(adapter.Inputs), adapter.SizesOfA(weight)).ToFloating(weight.Type));
        _weights.Add(adapter.B, Tensor.Of(new float[adapter.Outputs * adapter.Rank / adapter.Groups], adapter.SizesOfB(weight)).ToFloating(weight.Type));
        var stem = adapter.A[..^".lora_A.weight".Length];
        var output = node.Outputs[0];
        var plain = Unique(output + ".base");
        _nodes.Add(node with { Outputs = [plain, .. node.Outputs.Skip(1)] });

        var x = node.Inputs[0];
        if (dropout > 0) x = Append(stem + ".lora_dropout", "Dropout", [x, Constant(stem + ".lora_dropout.ratio", Tensor.Of([(float)dropout]))]);
        // A Gemm's own factor applies to the update too, as it will once merged.
        var scale = (float)(adapter.Scale * (node.Operator == "Gemm" ? node.Attributes.Float("alpha", 1) : 1));
        var update = node.Operator switch
        {
            "Conv" => Scaled(stem, Convolve(stem, node, x, adapter), scale, weight.Type),
            _ when node.Operator == "Gemm" || _values[node.Inputs[0]].Shape?.Rank == 2 => Rows(stem, x, adapter, scale),
            _ => Scaled(stem, Tokens(stem, x, adapter), scale, weight.Type),
        };
        _nodes.Add(new Node(Unique(stem + ".lora_sum"), "Add", [plain, update], [output], Attributes.None));
    }

    // x [B, in] → [B, r] → [B, out]
    private string Rows(string stem, string x, LoraAdapter adapter, float scale)
    {
        var low = Append(stem + ".lora_A", "Gemm", [x, adapter.A], Attributes.Of(("transB", 1L)));
        return Append(stem + ".lora_B", "Gemm", [low, adapter.B], Attributes.Of(("alpha", scale), ("transB", 1L)));
    }

    // x [B, T, in] → [B, T, r] → [B, T, out]
    private string Tokens(string stem, string x, LoraAdapter adapter)
    {
        var low = Append(stem + ".lora_A", "MatMul", [x, Append(stem + ".lora_A.transposed", "Transpose", [adapter.A], Attributes.Of(("perm", (long[])[1, 0])))]);
        return Append(stem + ".lora_B", "MatMul", [low, Append(stem + ".lora_B.transposed", "Transpose", [adapter.B], Attributes.Of(("perm", (long[])[1, 0])))]);
    }

    // A with the convolution's own window, strides and groups; B 1×1
    private string Convolve(string stem, Node node, string x, LoraAdapter adapter)
    {
        var low = Append(stem + ".lora_A", "Conv", [x, adapter.A], node.Attributes);
        return Append(stem + ".lora_B", "Conv", [low, adapter.B], Attributes.Of(("group", (long)adapter.Groups)));
    }

    private string Scaled(string stem, string value, float scale, DataType type)
        => scale == 1 ? value : Append(stem + ".lora_scale", "Mul", [value, Constant(stem + ".lora_scale.factor", Tensor.Of([scale], []).ToFloating(type))]);

    private string Append(string name, string op, IReadOnlyList<string> inputs, Attributes? attributes = null)
    {
        var node = new Node(Unique(name), op, inputs, [Unique(name + ".out")], attributes ?? Attributes.None);
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
