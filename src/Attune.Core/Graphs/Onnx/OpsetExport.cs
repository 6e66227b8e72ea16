using Attune.Graphs.Operators;
using Attune.Weights;

namespace Attune.Graphs.Onnx;

/// <summary>Rewrites a graph for a file: training-only nodes go, operators newer than the opset become their function bodies, aliases their canonical names.</summary>
internal sealed partial class OpsetExport
{
    private readonly int _opset;
    private readonly bool _keepDropout;
    private readonly Graph _graph;
    private readonly ShapeInference _inference;
    private readonly WeightStore _weights;
    private readonly Dictionary<string, string> _renamed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken;
    private readonly HashSet<string> _reads;
    private readonly List<Node> _nodes = [];
    private readonly NodeWriter _writer;

    private OpsetExport(int opset, bool keepDropout, Graph graph, OpsetExport? outer)
    {
        (_opset, _keepDropout, _graph, _weights) = (opset, keepDropout, graph, new WeightStore(graph.Weights.All));
        _inference = new ShapeInference(graph.Inputs, graph.Weights, [], outer?._inference);
        _taken = outer?._taken ?? new HashSet<string>(StringComparer.Ordinal);
        _taken.UnionWith(graph.Nodes.SelectMany(n => n.Outputs.Append(n.Name)).Concat(graph.Weights.All.Select(w => w.Name)).Concat(graph.Inputs.Select(i => i.Name)));
        _reads = graph.Nodes.SelectMany(GraphSort.Reads).Concat(graph.Outputs.Select(o => o.Name)).ToHashSet(StringComparer.Ordinal);
        _writer = new NodeWriter(name => _inference.Lookup(name), name => _weights.TryGet(name, out var weight) ? weight.Value : null, Unique, Unique,
            (name, value) => _weights.Add(name, value, WeightRole.Constant), _nodes.Add);
        foreach (var (from, to) in outer?._renamed ?? []) _renamed[from] = to;
        foreach (var weight in graph.Weights.All)
        {
            foreach (var alias in weight.Aliases) _renamed[alias] = weight.Name;
        }
    }

    /// <summary>The graph that the file holds.</summary>
    public static Graph Run(int opset, bool keepDropout, Graph graph) => new OpsetExport(opset, keepDropout, graph, null).Run();

    private Graph Run()
    {
        foreach (var node in _graph.Nodes)
        {
            _inference.Add(node);
            Write(Prepared(node));
        }
        foreach (var output in _graph.Outputs.Where(o => _renamed.ContainsKey(o.Name))) Emit("Identity", [_renamed[output.Name]], output.Name, output.Name);
        var used = _nodes.SelectMany(GraphSort.Reads).Concat(_graph.Outputs.Select(o => o.Name)).ToHashSet(StringComparer.Ordinal);
        var kept = _weights.All.Where(w => w.Role != WeightRole.Constant || used.Contains(w.Name)).Select(w => w with { Aliases = [] });
        var outputs = _graph.Outputs.Select(o => o.Type == DataType.Undefined ? o with { Type = _inference.Lookup(o.Name).Type } : o);
        return _graph with { Nodes = _nodes, Weights = new WeightStore(kept), Outputs = [.. outputs] };
    }

    private Node Prepared(Node node)
    {
        var inputs = node.Inputs.Select(i => _renamed.GetValueOrDefault(i, i)).ToArray();
        var attributes = GraphSort.Bodies(node).Any()
            ? new Attributes(node.Attributes.Select(a => KeyValuePair.Create(a.Key, a.Value is Graph body ? new OpsetExport(_opset, _keepDropout, body, this).Run() : a.Value)))
            : node.Attributes;
        return node with { Inputs = inputs, Attributes = attributes };
    }

    private void Write(Node node)
    {
        if ((node.Operator == "Dropout" && !_keepDropout) || node.Domain == Node.AttuneDomain) Remove(node);
        else if (node.Domain.Length > 0) _nodes.Add(node);
        else if (node.Operator == "Gelu" && _opset < 20) Gelu(node);
        else if (node.Operator == "RMSNormalization" && _opset < 23) RmsNormalization(node);
        else if (node.Operator == "Attention" && (_opset < 23 || !HasFullMask(node))) Attention(node);
        else if (node.Operator == "RotaryEmbedding" && _opset < 23) RotaryEmbedding(node);
        else if (node.Operator == "GroupNormalization" && _opset < 21) GroupNormalization(node);
        else if (node.Operator == "Mish" && _opset < 18) Mish(node);
        else if (node.Operator == "Split" && _opset < 18) _nodes.Add(Without(node, "num_outputs"));
        else if (node.Operator.StartsWith("Reduce", StringComparison.Ordinal) && node.Operator != "ReduceSum" && _opset < 18) _nodes.Add(AxesAsAttribute(node));
        else _nodes.Add(Spelt(node));
    }

    private void Remove(Node node)
    {
        if (node.Outputs.Skip(1).Any(o => o.Length > 0 && _reads.Contains(o)))
            throw new ArgumentException($"Node '{node.Name}' ({node.QualifiedOperator}) is for training only, but more than its first output is used; it cannot be exported.");
        if (node.Output(0) is { } output) _renamed[output] = node.Inputs[0];
    }

    private void Gelu(Node node)
    {
        var (x, type) = (node.Inputs[0], _inference.Lookup(node.Outputs[0]).Type);
        string inner;
        if (node.Attributes.Text("approximate", "none") == "tanh")
        {
            // 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))
            var cubic = Emit("Mul", [Emit("Mul", [Emit("Mul", [x, x], node), x], node), Scalar(node, 0.044715, type)], node);
            inner = Emit("Tanh", [Emit("Mul", [Emit("Add", [x, cubic], node), Scalar(node, Math.Sqrt(2 / Math.PI), type)], node)], node);
        }
        else inner = Emit("Erf", [Emit("Div", [x, Scalar(node, Math.Sqrt(2), type)], node)], node);   // 0.5·x·(1 + erf(x/√2))
        var gate = Emit("Add", [inner, Scalar(node, 1, type)], node);
        Emit("Mul", [Emit("Mul", [x, Scalar(node, 0.5, type)], node), gate], node.Outputs[0], node.Name);
    }

    private void RmsNormalization(Node node)
    {
        var value = _inference.Lookup(node.Outputs[0]);
        if (value.Shape is not { } shape) throw new ArgumentException($"Node '{node.Name}' (RMSNormalization): the rank of its input must be known for opset {_opset}.");
        var axis = node.Attributes.Int("axis", -1);
        long[] axes = [.. Enumerable.Range((int)(axis < 0 ? axis + shape.Rank : axis), shape.Rank - (int)(axis < 0 ? axis + shape.Rank : axis)).Select(a => (long)a)];
        var mean = Fresh(node);
        var reduce = new Node(Fresh(node), "ReduceMean", [Emit("Mul", [node.Inputs[0], node.Inputs[0]], node), Constant(node, Tensor.Of(axes, axes.Length))], [mean], Attributes.None);
        _nodes.Add(_opset < 18 ? AxesAsAttribute(reduce) : reduce);
        var scale = Emit("Sqrt", [Emit("Add", [mean, Scalar(node, node.Attributes.Float("epsilon", 1e-5f), value.Type)], node)], node);
        Emit("Mul", [Emit("Div", [node.Inputs[0], scale], node), node.Inputs[1]], node.Outputs[0], node.Name);
    }

    private Node AxesAsAttribute(Node node)
    {
        if (node.Input(1) is not { } name) return Without(node, "noop_with_empty_axes");
        if (!_weights.TryGet(name, out var axes) || axes.Value.Type != DataType.Int64)
            throw new ArgumentException($"Node '{node.Name}' ({node.Operator}) computes its axes; that needs opset 18 or newer.");
        var attributes = Without(node, "noop_with_empty_axes").Attributes.Append(KeyValuePair.Create("axes", (object)axes.Value.Data.Span<long>().ToArray()));
        return node with { Inputs = [node.Inputs[0]], Attributes = new Attributes(attributes) };
    }

    private string Scalar(Node node, double value, DataType type)
        => Constant(node, Tensor.Of([(float)value]).ToFloating(type == DataType.Undefined ? DataType.Float : type));

    private string Constant(Node node, Tensor value)
    {
        var name = Fresh(node);
        _weights.Add(name, value, WeightRole.Constant);
        return name;
    }

    private string Emit(string op, string[] inputs, Node near) => Emit(op, inputs, Fresh(near), Fresh(near));

    private string Emit(string op, string[] inputs, string output, string name)
    {
        _nodes.Add(new Node(name, op, inputs, [output], Attributes.None));
        return output;
    }

    private string Fresh(Node node)
    {
        for (var i = 1; ; i++)
        {
            if (_taken.Add($"{node.Name}.{i}")) return $"{node.Name}.{i}";
        }
    }

    private string Unique(string hint)
    {
        var name = hint;
        for (var i = 2; !_taken.Add(name); i++) name = $"{hint}_{i}";
        return name;
    }

    private static Node Without(Node node, string attribute)
        => node.Attributes.ContainsKey(attribute) ? node with { Attributes = new Attributes(node.Attributes.Where(a => a.Key != attribute)) } : node;
}
