using Attune.Weights;

namespace Attune.Graphs;

/// <summary>A value inside a graph under construction.</summary>
public readonly record struct Value(string Name)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>
/// Appends nodes that read like a forward pass. Names: a value is called after its node; weights keep the names they are given.
/// Model families, encoders and heads are plain functions over this class.
/// </summary>
public sealed partial class GraphBuilder
{
    private readonly List<ValueInfo> _inputs = [];
    private readonly List<ValueInfo> _outputs = [];
    private readonly List<Node> _nodes = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly string _name;

    /// <summary>An empty graph called <paramref name="name"/>.</summary>
    public GraphBuilder(string name) => _name = name;

    /// <summary>Continues an existing graph: same inputs, nodes and weights (shared, not copied); outputs are to be declared anew.</summary>
    public GraphBuilder(Graph graph)
    {
        _name = graph.Name;
        _inputs.AddRange(graph.Inputs);
        _nodes.AddRange(graph.Nodes);
        foreach (var weight in graph.Weights.All) Weights.Add(weight);
        foreach (var input in graph.Inputs) _names.Add(input.Name);
        foreach (var node in graph.Nodes)
        {
            _names.Add(node.Name);
            foreach (var output in node.Outputs) _names.Add(output);
        }
        foreach (var weight in graph.Weights.All) _names.Add(weight.Name);
    }

    /// <summary>The weights so far.</summary>
    public WeightStore Weights { get; } = new();

    /// <summary>True when a value, node or weight is called <paramref name="name"/> already.</summary>
    public bool IsTaken(string name) => _names.Contains(name);

    /// <summary>Declares a graph input.</summary>
    public Value Input(string name, DataType type, Shape shape)
    {
        Claim(name);
        _inputs.Add(new ValueInfo(name, type, shape));
        return new Value(name);
    }

    /// <summary>Declares a graph output; appends an Identity when the value should be known under another name.</summary>
    public void Output(Value value, string name, DataType type, Shape shape)
    {
        if (value.Name != name) Append("Identity", [value.Name], 1, Attributes.None, outputName: name);
        _outputs.Add(new ValueInfo(name, type, shape));
    }

    /// <summary>Adds a weight under its own name.</summary>
    public Value Weight(string name, Tensor value, WeightRole role = WeightRole.Parameter)
    {
        Claim(name);
        Weights.Add(name, value, role);
        return new Value(name);
    }

    /// <summary>Adds a constant whose name is derived from <paramref name="hint"/>.</summary>
    public Value Constant(string hint, Tensor value)
    {
        var name = Unique(hint);
        Weights.Add(name, value, WeightRole.Constant);
        return new Value(name);
    }

    /// <summary>Appends any operator with one output.</summary>
    public Value Node(string op, ReadOnlySpan<Value> inputs, Attributes? attributes = null, string domain = "", string? name = null)
        => new(Append(op, Names(inputs), 1, attributes ?? Attributes.None, domain, name)[0]);

    /// <summary>Appends any operator with several outputs.</summary>
    public Value[] Nodes(string op, ReadOnlySpan<Value> inputs, int outputs, Attributes? attributes = null, string domain = "", string? name = null)
        => [.. Append(op, Names(inputs), outputs, attributes ?? Attributes.None, domain, name).Select(o => new Value(o))];

    /// <summary>x·Wᵀ + b with weights <c>prefix.weight</c> [out, in] and <c>prefix.bias</c> [out] that stand in <see cref="Weights"/> already.</summary>
    public Value Linear(Value x, string prefix)
    {
        Value[] inputs = Weights.Contains(prefix + ".bias") ? [x, new(prefix + ".weight"), new(prefix + ".bias")] : [x, new(prefix + ".weight")];
        return Node("Gemm", inputs, Attributes.Of(("transB", 1L)), name: prefix);
    }

    /// <summary>max(x, 0).</summary>
    public Value Relu(Value x) => Node("Relu", [x]);

    /// <summary>x·Φ(x), exact unless <paramref name="tanh"/>.</summary>
    public Value Gelu(Value x, bool tanh = false) => Node("Gelu", [x], tanh ? Attributes.Of(("approximate", "tanh")) : null);

    /// <summary>x·σ(x), as Sigmoid and Mul (ONNX has no Silu up to opset 23).</summary>
    public Value Silu(Value x) => Node("Mul", [x, Node("Sigmoid", [x])]);

    /// <summary>tanh(x).</summary>
    public Value Tanh(Value x) => Node("Tanh", [x]);

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    public Value Sigmoid(Value x) => Node("Sigmoid", [x]);

    /// <summary>a + b with ONNX broadcasting.</summary>
    public Value Add(Value a, Value b) => Node("Add", [a, b]);

    /// <summary>Zeroes a share of the elements in training and scales the rest by 1/(1-p); nothing in evaluation.</summary>
    public Value Dropout(Value x, float probability)
        => probability == 0 ? x : Node("Dropout", [x, Constant("dropout.ratio", Tensor.Of([probability]))]);

    /// <summary>Concatenation along an axis.</summary>
    public Value Concat(ReadOnlySpan<Value> values, int axis) => values.Length == 1 ? values[0] : Node("Concat", values, Attributes.Of(("axis", (long)axis)));

    /// <summary>Rows of a table [V, D] for indices [B] → [B, D].</summary>
    public Value Embedding(Value indices, string weight) => Node("Gather", [new(weight), indices], Attributes.Of(("axis", 0L)));

    /// <summary>Layer normalisation over the last axis with weights <c>prefix.weight</c> and <c>prefix.bias</c>.</summary>
    public Value LayerNorm(Value x, string prefix, float epsilon = 1e-5f)
        => Node("LayerNormalization", [x, new(prefix + ".weight"), new(prefix + ".bias")], Attributes.Of(("axis", -1L), ("epsilon", epsilon)), name: prefix);

    /// <summary>Batch normalisation with weights <c>prefix.weight</c>, <c>.bias</c> and buffers <c>.running_mean</c>, <c>.running_var</c>.</summary>
    public Value BatchNorm(Value x, string prefix, float epsilon = 1e-5f)
        => Node("BatchNormalization", [x, new(prefix + ".weight"), new(prefix + ".bias"), new(prefix + ".running_mean"), new(prefix + ".running_var")],
            Attributes.Of(("epsilon", epsilon), ("momentum", 0.9f)), name: prefix);

    /// <summary>The finished graph, checked by <see cref="GraphValidator"/>.</summary>
    /// <exception cref="ArgumentException">The graph is not valid; lists what is wrong.</exception>
    public Graph Build()
    {
        var graph = new Graph(_name, [.. _inputs], [.. _outputs], [.. _nodes], Weights);
        var problems = GraphValidator.Validate(graph);
        return problems.Count == 0 ? graph : throw new ArgumentException(GraphValidator.Report(graph, problems));
    }

    private string[] Append(string op, string[] inputs, int outputs, Attributes attributes, string domain = "", string? name = null, string? outputName = null)
    {
        var nodeName = Unique(name ?? op.ToLowerInvariant());
        var names = new string[outputs];
        if (outputName is not null) Claim(outputName);
        for (var i = 0; i < outputs; i++) names[i] = outputName ?? Unique(outputs == 1 ? nodeName + ".out" : $"{nodeName}.out{i}");
        _nodes.Add(new Node(nodeName, op, inputs, names, attributes, domain));
        return names;
    }

    private static string[] Names(ReadOnlySpan<Value> values)
    {
        var names = new string[values.Length];
        for (var i = 0; i < names.Length; i++) names[i] = values[i].Name ?? "";
        return names;
    }

    private void Claim(string name)
    {
        if (!_names.Add(name)) throw new ArgumentException($"The name '{name}' is taken in graph '{_name}'.", nameof(name));
    }

    private string Unique(string hint)
    {
        if (_names.Add(hint)) return hint;
        for (var i = 2; ; i++)
        {
            if (_names.Add($"{hint}_{i}")) return $"{hint}_{i}";
        }
    }
}
