using Attune.Encoding;
using Attune.Graphs;
using Attune.Graphs.Operators;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>
/// Puts learned tokens in front of each sequence: ids, mask, segments and positions become n longer inside the graph, the looked-up vectors of the new places are the learned ones, places of chosen tokens move, and
/// outputs of tokens leave the new ones out. Inputs and outputs keep their shapes.
/// </summary>
internal sealed class PromptRewrite
{
    private const string Stem = "prompt_tuning";

    private readonly Graph _graph;
    private readonly NodeAppender _edit;
    private readonly IReadOnlyDictionary<string, TokenField> _fields;
    private readonly string _ids;

    /// <summary>Reads where a network takes its tokens.</summary>
    /// <exception cref="OptionsException">It takes none, or looks them up in another way than from one table.</exception>
    public PromptRewrite(Graph graph)
    {
        (_graph, _edit) = (graph, new NodeAppender(graph));
        _fields = TokenFields.Of(graph) ?? throw new OptionsException("method.name: prompt-tuning puts learned tokens in front of texts, and this network reads none. Choose another method.");
        _ids = _fields.First(f => f.Value == TokenField.Ids).Key;
        if (graph.Inputs.First(i => i.Name == _ids).Shape![1].Size is { } exact) throw new OptionsException(FormattableString.Invariant($"method.name: prompt-tuning makes texts longer inside the network, and this one takes exactly {exact} tokens. Export it with a dynamic length, or choose another method."));
        var lookups = graph.Nodes.Where(n => n.Operator == "Gather" && n.Inputs[1] == _ids && n.Attributes.Int("axis") == 0 && graph.Weights.TryGet(n.Inputs[0], out var weight) && weight.Value.Sizes.Count == 2 && weight.Value.Type.IsFloating()).ToList();
        Lookup = lookups is [var only] ? only : throw new OptionsException($"method.name: prompt-tuning needs one table that the token ids are looked up in, and this network has {lookups.Count}. Choose another method.");
    }

    /// <summary>The node that looks the tokens up.</summary>
    public Node Lookup { get; }

    /// <summary>The table of the tokens' vectors [V, D].</summary>
    public Weight Table => _graph.Weights[Lookup.Inputs[0]];

    /// <summary>The graph with the tokens in it.</summary>
    /// <param name="prompt">The learned tokens' starting vectors [n, D].</param>
    public Graph Run(Tensor prompt)
    {
        var n = prompt.Sizes[0];
        _edit.Weights.Add(StayingAdapters.Prompt, prompt.ToFloating(Table.Value.Type));
        var rows = _edit.Node(Stem + ".rows", "Shape", [_ids], Attributes.Of(("start", 0L), ("end", 1L)));                                    // [1]: B
        var block = _edit.Node(Stem + ".block", "Concat", [rows, _edit.Integers(Stem + ".tokens", n)], Attributes.Of(("axis", 0L)));         // [2]: B, n
        var longer = _fields.Where(f => f.Value != TokenField.Selected).ToDictionary(f => f.Key, f => Longer(f.Key, f.Value, block, n), StringComparer.Ordinal);
        foreach (var (name, _) in _fields.Where(f => f.Value == TokenField.Selected)) longer[name] = Moved(name, n);
        foreach (var node in _graph.Nodes)
        {
            if (ReferenceEquals(node, Lookup)) LookUp(block, prompt.Sizes[1]);
            else _edit.Nodes.Add(node with { Inputs = [.. node.Inputs.Select(i => longer.GetValueOrDefault(i, i))] });
        }
        CutOutputs(n);
        return _graph with { Nodes = _edit.Nodes, Weights = _edit.Weights };
    }

    // [B, T] → [B, n + T]
    private string Longer(string input, TokenField field, string block, long n)
    {
        var type = _graph.Inputs.First(i => i.Name == input).Type;
        var positions = field == TokenField.Positions;
        long[] values = positions ? [.. Enumerable.Range(0, (int)n).Select(i => (long)i)] : [field switch { TokenField.Ids => Ordinary(), TokenField.Mask => 1, _ => 0 }];
        var name = $"{Stem}.{input}";
        var first = _edit.Constant(name + ".first", Typed(values, type, 1, values.Length));
        var rest = positions ? _edit.Node(name + ".moved", "Add", [input, _edit.Constant(name + ".by", Typed([n], type))]) : input;
        return _edit.Node(name, "Concat", [_edit.Node(name + ".expanded", "Expand", [first, block]), rest], Attributes.Of(("axis", 1L)));
    }

    // An id that the network does not compare tokens with, as it does with the padding's.
    private long Ordinary()
    {
        var special = _graph.Nodes.Where(n => n.Operator == "Equal" && n.Inputs.Contains(_ids)).SelectMany(n => n.Inputs).Where(_graph.Weights.Contains)
            .SelectMany(i => _graph.Weights[i].Value is { Type: DataType.Int64 } value ? value.Data.Span<long>().ToArray() : []).ToHashSet();
        return Enumerable.Range(0, special.Count + 1).Select(i => (long)i).First(i => !special.Contains(i));
    }

    // s · T + t → s · (n + T) + n + t, [U]
    private string Moved(string selected, long n)
    {
        var tokens = _edit.Node(Stem + ".length", "Shape", [_ids], Attributes.Of(("start", 1L), ("end", 2L)));
        var sequence = _edit.Node(Stem + ".sequence", "Div", [selected, tokens]);
        var before = _edit.Node(Stem + ".before", "Mul", [_edit.Node(Stem + ".next", "Add", [sequence, _edit.Integers(Stem + ".one", 1)]), _edit.Integers(Stem + ".width", n)]);
        return _edit.Node($"{Stem}.{selected}", "Add", [selected, before]);
    }

    // [B, T, D] → [B, n + T, D]
    private void LookUp(string block, long width)
    {
        var name = Lookup.Outputs[0];
        var words = _edit.Unique(name + ".words");
        _edit.Nodes.Add(Lookup with { Outputs = [words] });
        var shape = _edit.Node(Stem + ".shape", "Concat", [block, _edit.Integers(Stem + ".embedding", width)], Attributes.Of(("axis", 0L)));
        var expanded = _edit.Node(Stem, "Expand", [StayingAdapters.Prompt, shape]);
        _edit.Node(Stem + ".sequences", "Concat", [expanded, words], Attributes.Of(("axis", 1L)), name);
    }

    private void CutOutputs(long n)
    {
        var time = _graph.Inputs.First(i => i.Name == _ids).Shape![1];
        var known = ShapeInference.Infer(_graph);
        foreach (var output in _graph.Outputs.Where(o => (known[o.Name].Shape ?? o.Shape) is { Rank: >= 2 } shape && shape[1].Equals(time)))
        {
            var whole = _edit.Unique(output.Name + ".whole");
            for (var i = 0; i < _edit.Nodes.Count; i++)
            {
                var node = _edit.Nodes[i];
                _edit.Nodes[i] = node with { Inputs = Renamed(node.Inputs), Outputs = Renamed(node.Outputs) };
            }
            _edit.Node(Stem + ".cut", "Slice", [whole, _edit.Integers(Stem + ".cut.start", n), _edit.Integers(Stem + ".cut.end", long.MaxValue), _edit.Integers(Stem + ".cut.axis", 1)], output: output.Name);

            IReadOnlyList<string> Renamed(IReadOnlyList<string> names) => names.Contains(output.Name) ? [.. names.Select(v => v == output.Name ? whole : v)] : names;
        }
    }

    private static Tensor Typed(long[] values, DataType type, params long[] sizes) => type switch
    {
        DataType.Int64 => Tensor.Of(values, sizes),
        DataType.Int32 => Tensor.Of([.. values.Select(v => (int)v)], sizes),
        DataType.Bool => Bools(values, sizes),
        _ => Tensor.Of([.. values.Select(v => (float)v)], sizes).ToFloating(type),
    };

    private static Tensor Bools(long[] values, long[] sizes)
    {
        var tensor = new Tensor(DataType.Bool, sizes, TensorBuffer.Allocate(values.Length));
        for (var i = 0; i < values.Length; i++) tensor.Data.Span<byte>()[i] = values[i] != 0 ? (byte)1 : (byte)0;
        return tensor;
    }
}
