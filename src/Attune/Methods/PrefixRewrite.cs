using Attune.Graphs;
using Attune.Graphs.Operators;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>
/// Puts learned keys and values in front of those of every attention layer. Every token sees them; positions that are counted begin behind them, as transformers counts with <c>past_key_values</c>.
/// </summary>
internal sealed class PrefixRewrite
{
    private const string Stem = "prefix_tuning";

    private readonly Graph _graph;
    private readonly NodeAppender _edit;
    private readonly GraphFlow _flow;
    private readonly List<Node> _layers;
    private readonly IReadOnlyDictionary<string, ValueInfo> _known;

    /// <summary>Reads the attention layers of a network.</summary>
    /// <exception cref="OptionsException">It has none, or of a kind that prefixes are not built for.</exception>
    public PrefixRewrite(Graph graph)
    {
        (_graph, _edit, _flow) = (graph, new NodeAppender(graph), new GraphFlow(graph));
        _layers = [.. graph.Nodes.Where(n => n is { Operator: "Attention", Domain: "" })];
        if (_layers.Count == 0) throw Refuse("this network has no attention layer that is known as one");
        if (_layers.Any(n => n.Attributes.Int("is_causal") != 0)) throw Refuse("it is built for encoders, and in this network each token sees those before it only");
        var known = _known = ShapeInference.Infer(graph);
        var sizes = _layers.Select(n => (known[n.Inputs[1]].Shape, known[n.Inputs[2]].Shape) is ({ Rank: 4 } k, { Rank: 4 } v) && k[1].Size is { } heads && k[3].Size is { } width && v[1].Size == heads && v[3].Size == width ? (heads, width) : default).Distinct().ToList();
        if (sizes is not [(> 0, _) size] || _layers.Any(n => n.Inputs.Skip(4).Any(i => i.Length > 0)) || _layers.Any(n => n.Inputs.Count > 3 && n.Inputs[3].Length > 0 && known[n.Inputs[3]] is not { Type: DataType.Bool or DataType.Float, Shape.Rank: 2 or 3 or 4 }))
            throw Refuse("its attention layers differ in their heads, or have keys and masks of a form that it is not built for");
        (Heads, HeadWidth) = size;
        Type = known[_layers[0].Inputs[1]].Type;
    }

    /// <summary>Attention layers L.</summary>
    public int Layers => _layers.Count;

    /// <summary>Key heads N.</summary>
    public long Heads { get; }

    /// <summary>Width d of a head.</summary>
    public long HeadWidth { get; }

    /// <summary>Type of the keys.</summary>
    public DataType Type { get; }

    /// <summary>The graph with keys and values in it.</summary>
    /// <param name="prefix">Their starting values [n, L · 2 · N · d], for each layer the keys and then the values, as PEFT stores them.</param>
    public Graph Run(Tensor prefix)
    {
        var n = prefix.Sizes[0];
        _edit.Weights.Add(StayingAdapters.Prompt, prefix.ToFloating(Type));
        var parts = Parts(n);
        var marks = _graph.Nodes.Where(m => m is { Operator: "AttentionDropout", Domain: Node.AttuneDomain }).ToDictionary(m => m.Outputs[0], m => m, StringComparer.Ordinal);
        var values = _layers.Select(l => marks.GetValueOrDefault(l.Inputs[2])?.Inputs[0] ?? l.Inputs[2]).ToList();
        // The mark of dropout has to stay between a layer and its values.
        var marked = _layers.Select((l, i) => (Mark: marks.GetValueOrDefault(l.Inputs[2]), i)).Where(m => m.Mark is not null).ToDictionary(m => m.Mark!, m => m.i, (IEqualityComparer<Node>)ReferenceEqualityComparer.Instance);
        var masks = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var node in _graph.Nodes)
        {
            var layer = _layers.FindIndex(l => ReferenceEquals(l, node));
            if (marked.TryGetValue(node, out var of)) _edit.Nodes.Add(node with { Inputs = [Longer(values[of], parts[2 * of + 1], of, "values")] });
            else if (layer >= 0) Attend(node, layer, parts, marks.ContainsKey(node.Inputs[2]), masks, n);
            else if (!Counts(node, n)) _edit.Nodes.Add(node);
        }
        return _graph with { Nodes = _edit.Nodes, Weights = _edit.Weights };
    }

    // [n, L·2·N·d] → 2L times [1, N, n, d]
    private string[] Parts(long n)
    {
        var whole = _edit.Node(Stem + ".heads", "Reshape", [StayingAdapters.Prompt, _edit.Integers(Stem + ".heads.shape", n, 2L * Layers, Heads, HeadWidth)]);
        var turned = _edit.Node(Stem + ".turned", "Transpose", [whole], Attributes.Of(("perm", (long[])[1, 2, 0, 3])));
        string[] parts = [.. Enumerable.Range(0, 2 * Layers).Select(i => _edit.Unique($"{Stem}.part"))];
        _edit.Nodes.Add(new Node(_edit.Unique(Stem + ".split"), "Split", [turned, _edit.Integers(Stem + ".sizes", [.. parts.Select(_ => 1L)])], parts, Attributes.Of(("axis", 0L))));
        return parts;
    }

    // [B, N, T, d] → [B, N, n + T, d]
    private string Longer(string x, string part, int layer, string what)
    {
        var name = FormattableString.Invariant($"{Stem}.{layer}.{what}");
        var rows = _edit.Node(name + ".rows", "Shape", [x], Attributes.Of(("start", 0L), ("end", 1L)));
        var shape = _edit.Node(name + ".shape", "Concat", [rows, _edit.Integers(name + ".ones", 1, 1, 1)], Attributes.Of(("axis", 0L)));
        return _edit.Node(name, "Concat", [_edit.Node(name + ".expanded", "Expand", [part, shape]), x], Attributes.Of(("axis", 2L)));
    }

    private void Attend(Node node, int layer, string[] parts, bool isMarked, Dictionary<string, string> masks, long n)
    {
        string[] inputs = [.. node.Inputs];
        inputs[1] = Longer(inputs[1], parts[2 * layer], layer, "keys");
        if (!isMarked) inputs[2] = Longer(inputs[2], parts[2 * layer + 1], layer, "values");
        if (inputs.Length > 3 && inputs[3].Length > 0)
        {
            if (!masks.TryGetValue(inputs[3], out var mask)) masks.Add(inputs[3], mask = Seen(inputs[3], _known[inputs[3]].Type, n));
            inputs[3] = mask;
        }
        _edit.Nodes.Add(node with { Inputs = inputs });
    }

    // Every token sees the prefix, [.., T] → [.., n + T]
    private string Seen(string mask, DataType type, long n)
    {
        var shape = _edit.Node(Stem + ".mask.shape", "Concat", [_edit.Node(Stem + ".mask.rows", "Shape", [mask], Attributes.Of(("end", -1L))), _edit.Integers(Stem + ".mask.length", n)], Attributes.Of(("axis", 0L)));
        var open = type == DataType.Bool ? new Tensor(DataType.Bool, [], TensorBuffer.Allocate(1)) : Tensor.Of([0f], []).ToFloating(type);
        if (type == DataType.Bool) open.Data.Span<byte>()[0] = 1;
        return _edit.Node(Stem + ".mask", "Concat", [_edit.Node(Stem + ".mask.open", "Expand", [_edit.Constant(Stem + ".mask.value", open), shape]), mask], Attributes.Of(("axis", -1L)));
    }

    // The first rows of a table of positions, and positions that are counted from the tokens.
    private bool Counts(Node node, long n)
    {
        if (node.Operator == "Slice" && node.Inputs.Count >= 3 && _graph.Weights.TryGet(node.Inputs[0], out var table) && table is { Role: WeightRole.Parameter, Value.Sizes.Count: 2 } && _flow.IsData(node.Inputs[2])
            && _graph.Weights.TryGet(node.Inputs[1], out var start) && start.Value is { Type: DataType.Int64, Count: 1 } zero && zero.Data.Span<long>()[0] == 0)
        {
            var end = _edit.Node(Stem + ".end", "Add", [node.Inputs[2], _edit.Integers(Stem + ".length", n)]);
            _edit.Nodes.Add(node with { Inputs = [node.Inputs[0], _edit.Integers(Stem + ".start", n), end, .. node.Inputs.Skip(3)] });
            return true;
        }
        if (node.Operator != "CumSum") return false;
        var counted = _edit.Unique(node.Outputs[0] + ".counted");
        _edit.Nodes.Add(node with { Outputs = [counted] });
        _edit.Node(Stem + ".positions", "Add", [counted, _edit.Integers(Stem + ".behind", n)], output: node.Outputs[0]);
        return true;
    }

    private static OptionsException Refuse(string reason) => new($"method.name: prefix-tuning puts learned keys and values into attention, and {reason}. Choose prompt-tuning or another method.");
}
