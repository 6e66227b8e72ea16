using Attune.Weights;

namespace Attune.Graphs.Rewrites;

/// <summary>
/// A graph under rewriting: who writes and who reads a value, what is constant, and replacement of nodes in place. <see cref="Build"/> sorts, and
/// drops nodes and constants that the rewriting left without a reader.
/// </summary>
internal sealed class GraphEdit
{
    private readonly Graph _graph;
    private readonly List<Node>[] _slots;
    private readonly Dictionary<Node, int> _slotOf = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, Node> _writers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<Node>> _readers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _outputs;
    private readonly HashSet<string> _taken;
    private readonly HashSet<string> _unreadBefore;
    private readonly ShapeInference _inference;

    /// <summary>Starts from a graph in topological order; its weights are shared until they are replaced.</summary>
    public GraphEdit(Graph graph)
    {
        _graph = graph;
        Weights = new WeightStore(graph.Weights.All);
        _slots = new List<Node>[graph.Nodes.Count];
        _inference = new ShapeInference(graph.Inputs, graph.Weights, []);
        _outputs = graph.Outputs.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        _taken = graph.Inputs.Select(i => i.Name).Concat(graph.Weights.All.SelectMany(w => w.Aliases.Prepend(w.Name))).ToHashSet(StringComparer.Ordinal);
        AddBodyNames(graph);
        for (var i = 0; i < graph.Nodes.Count; i++)
        {
            _slots[i] = [];
            Insert(graph.Nodes[i], i);
        }
        _unreadBefore = graph.Nodes.SelectMany(n => n.Outputs).Concat(graph.Weights.All.Select(w => w.Name)).Where(v => !IsRead(v)).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The weights so far.</summary>
    public WeightStore Weights { get; }

    /// <summary>True once something was rewritten.</summary>
    public bool Changed { get; private set; }

    /// <summary>The nodes as they stand now, in the order of the original graph.</summary>
    public List<Node> Nodes => [.. _slots.SelectMany(s => s)];

    /// <summary>Free text that the finished graph carries beside the original's.</summary>
    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>True while the node is part of the graph.</summary>
    public bool Holds(Node node) => _slotOf.ContainsKey(node);

    /// <summary>The node that writes a value, or null (inputs, weights).</summary>
    public Node? Writer(string? value) => value is null ? null : _writers.GetValueOrDefault(value);

    /// <summary>The node that writes a value when it is <paramref name="op"/> of ONNX's own domain.</summary>
    public Node? Writer(string? value, string op) => Writer(value) is { } node && node.Domain.Length == 0 && node.Operator == op ? node : null;

    /// <summary>The nodes that read a value, those whose subgraphs do included.</summary>
    public IReadOnlyCollection<Node> Readers(string value) => _readers.TryGetValue(value, out var readers) ? readers : [];

    /// <summary>The only reader of a value that is no graph output; null when there are more or none.</summary>
    public Node? OnlyReader(string? value) => value is not null && !_outputs.Contains(value) && Readers(value) is { Count: 1 } readers ? readers.First() : null;

    /// <summary>True for a graph output.</summary>
    public bool IsOutput(string value) => _outputs.Contains(value);

    /// <summary>A constant's tensor, also behind Identity; null for anything that a node computes or a graph input.</summary>
    public Tensor? Constant(string? value)
    {
        for (var depth = 0; value is not null && depth < 16; depth++)
        {
            if (Weights.TryGet(value, out var weight)) return weight.Value;
            value = Writer(value, "Identity")?.Input(0);
        }
        return null;
    }

    /// <summary>The one real number of a float constant with a single element; null otherwise.</summary>
    public double? Scalar(string? value)
        => Constant(value) is { Count: 1 } tensor && tensor.Type.IsFloating() ? tensor.ToFloating(DataType.Double).Data.Span<double>()[0] : null;

    /// <summary>The integers of an int64 constant; null otherwise.</summary>
    public long[]? Integers(string? value) => Constant(value) is { Type: DataType.Int64, Count: <= 4096 } tensor ? tensor.Data.Span<long>().ToArray() : null;

    /// <summary>Shape of a value as far as inference knows it.</summary>
    public Shape? Shape(string? value) => value is null ? null : _inference.Lookup(value).Shape;

    /// <summary>Element type of a value; undefined when unknown.</summary>
    public DataType Type(string? value) => value is null ? DataType.Undefined : _inference.Lookup(value).Type;

    /// <summary>Puts nodes in the place of one, in the order in which they compute; inference follows them.</summary>
    public void Replace(Node old, params ReadOnlySpan<Node> nodes)
    {
        var slot = _slotOf[old];
        Remove(old);
        foreach (var node in nodes) Insert(node, slot);
    }

    /// <summary>Takes a node out.</summary>
    public void Remove(Node node)
    {
        if (!_slotOf.Remove(node, out var slot)) return;
        Changed = true;
        _slots[slot].RemoveAll(n => ReferenceEquals(n, node));
        foreach (var output in node.Outputs)
        {
            if (_writers.TryGetValue(output, out var writer) && ReferenceEquals(writer, node)) _writers.Remove(output);
        }
        foreach (var read in GraphSort.Reads(node)) _readers[read].Remove(node);
    }

    /// <summary>Takes a node out and lets the readers of its first output read <paramref name="source"/>; a graph output stays, as an Identity.</summary>
    public void Bypass(Node node, string source)
    {
        var output = node.Outputs[0];
        if (IsOutput(output)) Replace(node, new Node(node.Name, "Identity", [source], [output], Attributes.None));
        else Remove(node);
        Redirect(output, source);
    }

    /// <summary>Lets every reader of one value read another; graph outputs are not touched.</summary>
    public void Redirect(string from, string to)
    {
        foreach (var reader in Readers(from).ToArray())
        {
            var slot = _slotOf[reader];
            var index = _slots[slot].FindIndex(n => ReferenceEquals(n, reader));
            Remove(reader);
            Insert(Renamed(reader, from, to), slot, index);
        }
    }

    /// <summary>A name that nothing has yet: the hint, or the hint with a number.</summary>
    public string Fresh(string hint)
    {
        if (_taken.Add(hint)) return hint;
        for (var i = 2; ; i++)
        {
            if (_taken.Add($"{hint}_{i}")) return $"{hint}_{i}";
        }
    }

    /// <summary>Adds a constant under a name made from the hint.</summary>
    public string AddConstant(string hint, Tensor value)
    {
        var name = Fresh(hint);
        Weights.Add(name, value, WeightRole.Constant);
        _inference.Add(name, value);
        return name;
    }

    /// <summary>Gives a weight another tensor under the same name.</summary>
    public void SetWeight(string name, Tensor value)
    {
        Changed = true;
        Weights.Replace(Weights[name] with { Value = value });
        _inference.Add(name, value);
    }

    /// <summary>The rewritten graph, sorted.</summary>
    public Graph Build()
    {
        if (!Changed && Metadata.Count == 0) return _graph;
        RemoveDead();
        var kept = Weights.All.Where(w => w.Aliases.Prepend(w.Name).Any(n => IsRead(n) || _unreadBefore.Contains(n)));
        var metadata = new Dictionary<string, string>(_graph.Metadata, StringComparer.Ordinal);
        foreach (var (key, value) in Metadata) metadata[key] = value;
        return GraphValidator.Sort(_graph with { Nodes = Nodes, Weights = new WeightStore(kept), Metadata = metadata });
    }

    /// <summary>The node with one value's name replaced in its inputs and subgraphs.</summary>
    internal static Node Renamed(Node node, string from, string to)
    {
        var inputs = node.Inputs.Contains(from) ? node.Inputs.Select(i => i == from ? to : i).ToArray() : node.Inputs;
        if (!GraphSort.Bodies(node).Any()) return node with { Inputs = inputs };
        var attributes = node.Attributes.Select(a => KeyValuePair.Create(a.Key, a.Value is Graph body ? Renamed(body, from, to) : a.Value));
        return node with { Inputs = inputs, Attributes = new Attributes(attributes) };
    }

    private static Graph Renamed(Graph body, string from, string to) => body with
    {
        Nodes = [.. body.Nodes.Select(n => Renamed(n, from, to))],
        Outputs = [.. body.Outputs.Select(o => o.Name == from ? o with { Name = to } : o)],
    };

    private void AddBodyNames(Graph graph)
    {
        foreach (var node in graph.Nodes)
        {
            _taken.UnionWith(node.Outputs.Append(node.Name));
            foreach (var body in GraphSort.Bodies(node))
            {
                _taken.UnionWith(body.Weights.All.Select(w => w.Name).Concat(body.Inputs.Select(i => i.Name)));
                AddBodyNames(body);
            }
        }
    }

    private void RemoveDead()
    {
        var open = new Stack<Node>(Nodes);
        while (open.TryPop(out var node))
        {
            if (!Holds(node) || node.Outputs.Any(o => o.Length > 0 && (IsRead(o) || _unreadBefore.Contains(o)))) continue;
            Remove(node);
            foreach (var read in GraphSort.Reads(node))
            {
                if (Writer(read) is { } writer) open.Push(writer);
            }
        }
    }

    private bool IsRead(string value) => _outputs.Contains(value) || Readers(value).Count > 0;

    private void Insert(Node node, int slot, int index = -1)
    {
        if (index < 0) _slots[slot].Add(node);
        else _slots[slot].Insert(index, node);
        _slotOf[node] = slot;
        _taken.Add(node.Name);
        foreach (var output in node.Outputs.Where(o => o.Length > 0))
        {
            _writers[output] = node;
            _taken.Add(output);
        }
        foreach (var read in GraphSort.Reads(node))
        {
            if (!_readers.TryGetValue(read, out var readers)) _readers.Add(read, readers = new HashSet<Node>(ReferenceEqualityComparer.Instance));
            readers.Add(node);
        }
        _inference.Add(node);
    }
}
