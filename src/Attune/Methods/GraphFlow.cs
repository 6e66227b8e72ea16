using Attune.Graphs;
using Attune.Graphs.Operators;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>Who writes and reads each value of a graph, which values depend on its inputs, which weights each node joins with data, and how deep each node stands.</summary>
internal sealed class GraphFlow
{
    private static readonly IReadOnlySet<string> Nothing = new HashSet<string>();

    private readonly Dictionary<string, Node> _writers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Node>> _readers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _data = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlySet<string>> _behind = new(StringComparer.Ordinal);   // weights behind a value that no input reaches
    private readonly Dictionary<Node, List<WeightUse>> _usesOf = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Node, int> _depths = new(ReferenceEqualityComparer.Instance);

    public GraphFlow(Graph graph)
    {
        Graph = graph;
        foreach (var input in graph.Inputs.Where(i => !graph.Weights.Contains(i.Name))) _data.Add(input.Name);
        foreach (var node in graph.Nodes) Follow(node);
        Uses = [.. graph.Nodes.SelectMany(UsesOf)];
        Measure();
    }

    public Graph Graph { get; }

    /// <summary>All uses in node order.</summary>
    public IReadOnlyList<WeightUse> Uses { get; }

    public Node? Writer(string? value) => value is null ? null : _writers.GetValueOrDefault(value);

    public IReadOnlyList<Node> Readers(string value) => _readers.TryGetValue(value, out var list) ? list : [];

    /// <summary>True when the value depends on a graph input.</summary>
    public bool IsData(string value) => _data.Contains(value);

    public IReadOnlyList<WeightUse> UsesOf(Node node) => _usesOf.TryGetValue(node, out var uses) ? uses : [];

    /// <summary>True for the nodes that make the layers: those with matrices or tables.</summary>
    public bool IsMain(Node node) => UsesOf(node).Any(u => u.Kind is WeightKind.Matrix or WeightKind.Table);

    /// <summary>Main nodes on the longest path from an input to this node, itself included.</summary>
    public int Depth(Node node) => _depths.GetValueOrDefault(node);

    private void Follow(Node node)
    {
        var reads = GraphSort.Reads(node).ToList();
        foreach (var read in reads.Distinct())
        {
            if (!_readers.TryGetValue(read, out var list)) _readers.Add(read, list = []);
            list.Add(node);
        }
        foreach (var output in node.Outputs.Where(o => o.Length > 0)) _writers[output] = node;
        if (reads.Any(_data.Contains))
        {
            _data.UnionWith(node.Outputs.Where(o => o.Length > 0));
            Join(node);
            return;
        }
        var behind = reads.SelectMany(Behind).ToHashSet(StringComparer.Ordinal);
        foreach (var output in node.Outputs) _behind[output] = behind;
    }

    private void Join(Node node)
    {
        for (var slot = 0; slot < node.Inputs.Count; slot++)
        {
            var value = node.Inputs[slot];
            if (value.Length == 0 || IsData(value)) continue;
            foreach (var name in Behind(value))
            {
                if (!_usesOf.TryGetValue(node, out var list)) _usesOf.Add(node, list = []);
                list.Add(new WeightUse(name, node, slot, KindOf(node, slot, Graph.Weights[name]), PathTo(value)));
            }
        }
    }

    private IReadOnlySet<string> Behind(string value)
        => Graph.Weights.TryGet(value, out var weight) ? weight.Role == WeightRole.Constant ? Nothing : new HashSet<string> { weight.Name }
            : _behind.GetValueOrDefault(value, Nothing);

    private List<Node> PathTo(string value)
    {
        var path = new List<Node>();
        while (Writer(value) is { } node)
        {
            path.Insert(0, node);
            if (node.Inputs.FirstOrDefault(i => i.Length > 0 && Behind(i).Count > 0) is not { } next) break;
            value = next;
        }
        return path;
    }

    private WeightKind KindOf(Node node, int slot, Weight weight)
    {
        if (weight.Role == WeightRole.Buffer) return WeightKind.Statistics;
        var alongOneAxis = weight.Value.Sizes.Count(s => s > 1) <= 1;
        return (node.Operator, slot) switch
        {
            ("Gemm" or "MatMul" or "Einsum", 0 or 1) => WeightKind.Matrix,
            ("Gemm", 2) => WeightKind.Bias,
            ("Conv" or "ConvTranspose", 1) => WeightKind.Matrix,
            ("Conv" or "ConvTranspose", 2) => WeightKind.Bias,
            ("LSTM" or "GRU" or "RNN", 1 or 2) => WeightKind.Matrix,
            ("LSTM" or "GRU" or "RNN", 3) => WeightKind.Bias,
            ("Gather", 0) => WeightKind.Table,
            ("SkipLayerNormalization" or "SkipSimplifiedLayerNormalization", 2) => WeightKind.Scale,
            ("SkipLayerNormalization", 3) => WeightKind.Shift,
            ("SkipLayerNormalization", 4) or ("SkipSimplifiedLayerNormalization", 3) => WeightKind.Bias,
            (var op, 1) when op.EndsWith("Normalization", StringComparison.Ordinal) => WeightKind.Scale,
            (var op, 2) when op.EndsWith("Normalization", StringComparison.Ordinal) => WeightKind.Shift,
            ("Add" or "Sub", _) when alongOneAxis => FollowsScale(node, slot) ? WeightKind.Shift : WeightKind.Bias,
            ("Mul" or "Div", _) when alongOneAxis => WeightKind.Scale,
            ("Add" or "Sub" or "Mul" or "Div", _) => WeightKind.Other,
            _ when OperatorCatalog.Find(node.Domain, node.Operator)?.WeightInputs.Contains(slot) == true && node.Operator != "PRelu" => alongOneAxis ? WeightKind.Bias : WeightKind.Matrix,
            _ => WeightKind.Other,
        };
    }

    // γ·x + β written out: the Add behind a Mul with a gain is the shift of a normalisation.
    private bool FollowsScale(Node node, int slot)
        => node.Inputs.Count == 2 && Writer(node.Inputs[1 - slot]) is { } writer && UsesOf(writer).Any(u => u.Kind == WeightKind.Scale);

    private void Measure()
    {
        var depths = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in Graph.Nodes)
        {
            var depth = GraphSort.Reads(node).Where(IsData).Select(r => depths.GetValueOrDefault(r)).DefaultIfEmpty(0).Max() + (IsMain(node) ? 1 : 0);
            _depths[node] = depth;
            foreach (var output in node.Outputs) depths[output] = depth;
        }
    }
}
