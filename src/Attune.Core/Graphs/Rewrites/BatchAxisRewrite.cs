using Attune.Graphs.Operators;
using Attune.Weights;

namespace Attune.Graphs.Rewrites;

/// <summary>One walk of <see cref="BatchAxis"/> over a graph, with the shapes of two batch sizes side by side.</summary>
internal sealed class BatchAxisRewrite
{
    private readonly Graph _graph;
    private readonly long _rows;
    private readonly int _factor;
    private readonly ShapeInference _before;
    private readonly ShapeInference _after;
    private readonly List<string> _problems = [];
    private readonly WeightStore _weights;
    private readonly List<Node> _nodes = [];
    private readonly HashSet<string> _taken;
    private string? _rowsValue;

    public BatchAxisRewrite(Graph graph, long rows, int factor)
    {
        (_graph, _rows, _factor, _weights) = (graph, rows, factor, new WeightStore(graph.Weights.All));
        _before = new ShapeInference(graph.Inputs.Select(i => At(i, rows)), graph.Weights, []);
        _after = new ShapeInference(graph.Inputs.Select(i => At(i, rows * factor)), graph.Weights, _problems);
        _taken = graph.Nodes.SelectMany(n => n.Outputs.Append(n.Name)).Concat(graph.Weights.All.SelectMany(w => w.Aliases.Prepend(w.Name))).Concat(graph.Inputs.Select(i => i.Name)).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>One sentence for each rewritten node.</summary>
    public List<string> Changes { get; } = [];

    /// <summary>The rewritten graph; shapes of inputs and outputs are the caller's to declare.</summary>
    public Graph Result
    {
        get
        {
            var read = _nodes.SelectMany(GraphSort.Reads).Concat(_graph.Outputs.Select(o => o.Name)).ToHashSet(StringComparer.Ordinal);
            var old = _graph.Nodes.SelectMany(GraphSort.Reads).ToHashSet(StringComparer.Ordinal);
            var kept = _weights.All.Where(w => w.Aliases.Prepend(w.Name).Any(n => read.Contains(n) || !old.Contains(n)));
            return _graph with { Nodes = _nodes, Weights = new WeightStore(kept) };
        }
    }

    /// <summary>Walks the nodes; what is in the way, or null.</summary>
    public string? Rewrite()
    {
        foreach (var node in _graph.Nodes)
        {
            _before.Add(node);
            var rewritten = Rewrite(node);
            Add(rewritten);
            if (_problems.Count > 0) return _problems[0];
        }
        foreach (var output in _graph.Outputs)
        {
            var (old, now) = (_before.Lookup(output.Name).Shape, _after.Lookup(output.Name).Shape);
            if (old is null || now is null || old.Rank == 0) return $"output '{output.Name}' has no known batch axis";
            if (old[0].Size != _rows || now[0].Size != _rows * _factor) return $"output '{output.Name}' has shape {old} for {_rows} rows and {now} for {_rows * _factor}; its first axis does not follow the batch";
        }
        return null;
    }

    private static ValueInfo At(ValueInfo input, long rows) => input with { Shape = new Shape([rows, .. input.Shape!.Dimensions.Skip(1)]) };

    private Node Rewrite(Node node) => node.Domain.Length > 0 ? node : node.Operator switch
    {
        "Reshape" => Reshape(node),
        "Expand" => Expand(node),
        "ConstantOfShape" => Sizes(node, 0),
        "Resize" when Scaled(node.Inputs[0]) == 0 => Sizes(node, 3),
        "Concat" => Concat(node),
        "LSTM" => State(State(node, 5), 6),
        "GRU" or "RNN" => State(node, 5),
        "Add" or "Sub" or "Mul" or "Div" or "Where" or "Min" or "Max" or "Pow" => Broadcast(node),
        _ => node,
    };

    /// <summary>The axis along which a value grows with the batch; −1 when none does.</summary>
    private int Scaled(string? value)
    {
        if (value is null || _before.Lookup(value).Shape is not { } old || _after.Lookup(value).Shape is not { } now || old.Rank != now.Rank) return -1;
        for (var i = 0; i < old.Rank; i++)
        {
            if (old[i].Size is { } a && now[i].Size is { } b && a > 0 && b == a * _factor) return i;
        }
        return -1;
    }

    private long[]? Content(string? value)
    {
        if (value is null || _before.Lookup(value).Content is not { } content || content.Any(d => d.Size is null)) return null;
        return [.. content.Select(d => d.Size!.Value)];
    }

    private Node Reshape(Node node)
    {
        var axis = Scaled(node.Inputs[0]);
        if (axis < 0 || Content(node.Inputs[1]) is not { } target || node.Attributes.Int("allowzero") != 0) return node;
        if (_before.Lookup(node.Outputs[0]).Shape?.Known() is not { } sizes || _before.Lookup(node.Inputs[0]).Shape?.Known() is not { } from) return node;
        if (Follows(node, target)) return node;
        // row-major order is kept only on the axis with the same product of sizes before it
        var before = from.Take(axis).Aggregate(1L, (a, b) => a * b);
        var at = 0;
        for (long product = 1; at < sizes.Length && product != before; at++) product *= sizes[at];
        if (at >= sizes.Length || sizes[at] % _rows != 0) return node;
        var rewritten = target.ToArray();
        for (var i = 0; i < rewritten.Length; i++)
        {
            if (i != at && (rewritten[i] == -1 || (rewritten[i] == 0 && i == axis))) rewritten[i] = sizes[i];
        }
        rewritten[at] = at == axis && sizes[at] == from[axis] ? 0 : -1;
        return With(node, 1, Constant(node, "target", rewritten), $"[{string.Join(", ", target)}] → [{string.Join(", ", rewritten)}]");
    }

    /// <summary>True when the target as it stands gives a fitting shape for more rows too: it is computed from shapes, or −1 and 0 stand where the batch is.</summary>
    private bool Follows(Node node, long[] target)
    {
        var (old, now) = (_before.Lookup(node.Inputs[0]).Shape!.Known(), _after.Lookup(node.Inputs[0]).Shape!.Known());
        if (old is null || now is null || _after.Lookup(node.Inputs[1]).Content is not { } content) return true;
        if (content.Any(d => d.Size is null)) return true;
        long[] later = [.. content.Select(d => d.Size!.Value)];
        if (!later.SequenceEqual(target)) return true;   // it moves with the batch already
        for (var i = 0; i < later.Length; i++)
        {
            if (later[i] == 0 && i < now.Length) later[i] = now[i];
        }
        var known = later.Where(v => v >= 0).Aggregate(1L, (a, b) => a * b);
        var total = now.Aggregate(1L, (a, b) => a * b);
        if (!later.Contains(-1)) return known == total;
        if (known == 0 || total % known != 0) return false;
        // [1, -1] would move the rows into the features: −1 must stand where the batch goes
        var open = Array.IndexOf(later, -1);
        var axis = Scaled(node.Inputs[0]);
        return later.Take(open).Aggregate(1L, (a, b) => a * b) == now.Take(axis).Aggregate(1L, (a, b) => a * b);
    }

    private Node Expand(Node node)
    {
        if (Content(node.Inputs[1]) is not { } target || _after.Lookup(node.Inputs[1]).Content is not { } later || later.Any(d => d.Size is null)) return node;
        var axis = Scaled(node.Inputs[0]);
        if (axis >= 0)
        {
            var at = axis + target.Length - _before.Lookup(node.Inputs[0]).Shape!.Rank;
            if (at < 0 || target[at] == 1 || later[at].Size != target[at]) return node;
            var rewritten = target.ToArray();
            rewritten[at] = 1;
            return With(node, 1, Constant(node, "target", rewritten), $"[{string.Join(", ", target)}] → [{string.Join(", ", rewritten)}]");
        }
        for (var i = 0; i < target.Length; i++)
        {
            if (later[i].Size == target[i] * _factor && target[i] > 1) return Narrowed(node, 0, i - target.Length);
        }
        return _rows > 1 ? Sizes(node, 1) : node;   // for one row, broadcasting or Concat takes care of it
    }

    /// <summary>A constant that repeats the same numbers for each of the file's rows, next to a value that grows with the batch: one row of it broadcasts.</summary>
    private Node Broadcast(Node node)
    {
        if (_rows == 1) return node;
        for (var i = 0; i < node.Inputs.Count; i++)
        {
            var axis = Scaled(node.Inputs[i]);
            if (axis < 0) continue;
            var fromEnd = axis - _before.Lookup(node.Inputs[i]).Shape!.Rank;
            for (var j = 0; j < node.Inputs.Count; j++)
            {
                if (Scaled(node.Inputs[j]) < 0) node = Narrowed(node, j, fromEnd);
            }
            return node;
        }
        return node;
    }

    /// <summary>The node with one row of a stored constant whose rows along an axis are all equal; the node itself when they are not.</summary>
    private Node Narrowed(Node node, int slot, int axisFromEnd)
    {
        if (!_weights.TryGet(node.Inputs[slot], out var weight) || weight.Value.Type.Bits() < 8) return node;
        var sizes = weight.Value.Sizes.ToArray();
        var axis = sizes.Length + axisFromEnd;
        if (axis < 0 || sizes[axis] != _rows) return node;
        var row = weight.Value.Type.ByteLength(sizes[(axis + 1)..].Aggregate(1L, (a, b) => a * b));
        if (row is 0 or > int.MaxValue) return node;
        var outer = sizes[..axis].Aggregate(1L, (a, b) => a * b);
        var narrow = TensorBuffer.Allocate(outer * row);
        for (long o = 0; o < outer; o++)
        {
            var first = weight.Value.Data.Span<byte>(o * _rows * row, (int)row);
            for (long r = 1; r < _rows; r++)
            {
                if (!weight.Value.Data.Span<byte>((o * _rows + r) * row, (int)row).SequenceEqual(first)) return node;
            }
            first.CopyTo(narrow.Span<byte>(o * row, (int)row));
        }
        sizes[axis] = 1;
        return With(node, slot, Constant(node, "row", new Tensor(weight.Value.Type, sizes, narrow)), $"constant '{weight.Name}' {weight.Value}, equal for every row, is kept once");
    }

    /// <summary>A list of sizes that starts with the number of rows: the first of them comes from the input's shape.</summary>
    private Node Sizes(Node node, int slot)
    {
        if (Content(node.Input(slot)) is not { Length: > 1 } sizes || sizes[0] != _rows || !IsConstant(node.Input(slot)!)) return node;
        if (_rows == 1 && node.Operator != "Resize") return node;
        var list = Emit(node, "Concat", [Rows(node), Constant(node, "sizes", sizes[1..])], Attributes.Of(("axis", 0L)));
        return With(node, slot, list, $"[{string.Join(", ", sizes)}] → [rows, {string.Join(", ", sizes[1..])}]");
    }

    private bool IsConstant(string value) => _after.Lookup(value).Content is { } later && _before.Lookup(value).Content is { } old && later.SequenceEqual(old);

    /// <summary>Parts that do not grow with the batch are repeated for every row.</summary>
    private Node Concat(Node node)
    {
        var axis = node.Inputs.Select(Scaled).DefaultIfEmpty(-1).Max();
        if (axis < 0 || node.Inputs.All(i => Scaled(i) == axis) || _before.Lookup(node.Outputs[0]).Shape?.Rank is not { } rank) return node;
        var along = node.Attributes.Int("axis") is var a && a < 0 ? a + rank : a;
        return along == axis ? node : Enumerable.Range(0, node.Inputs.Count).Where(i => Scaled(node.Inputs[i]) < 0).Aggregate(node, (n, i) => Repeated(n, i, axis));
    }

    /// <summary>A recurrent network's initial state [directions, rows, H].</summary>
    private Node State(Node node, int slot) => Scaled(node.Inputs[0]) is var axis && axis >= 0 && node.Input(slot) is { } state && Scaled(state) < 0 ? Repeated(node, slot, node.Attributes.Int("layout") == 1 ? 0 : 1) : node;

    private Node Repeated(Node node, int slot, int axis)
    {
        if (_before.Lookup(node.Inputs[slot]).Shape is { } wide && axis < wide.Rank && _rows > 1) node = Narrowed(node, slot, axis - wide.Rank);
        if (_before.Lookup(node.Inputs[slot]).Shape is not { } shape || axis >= shape.Rank || shape[axis].Size != 1) return node;
        string target;
        if (axis == 0 && shape.Rank == 1) target = Rows(node);
        else
        {
            List<string> parts = [];
            if (axis > 0) parts.Add(Constant(node, "ones", [.. Enumerable.Repeat(1L, axis)]));
            parts.Add(Rows(node));
            if (axis < shape.Rank - 1) parts.Add(Constant(node, "ones", [.. Enumerable.Repeat(1L, shape.Rank - axis - 1)]));
            target = Emit(node, "Concat", [.. parts], Attributes.Of(("axis", 0L)));
        }
        return With(node, slot, Emit(node, "Expand", [node.Inputs[slot], target], Attributes.None), $"input '{node.Inputs[slot]}' {shape} is repeated for every row");
    }

    /// <summary>The number of rows as an int64 vector with one element.</summary>
    private string Rows(Node node) => _rowsValue ??= Emit(node, "Shape", [_graph.Inputs.First(i => i.Shape![0].Size is not null).Name], Attributes.Of(("start", 0L), ("end", 1L)));

    private Node With(Node node, int slot, string input, string change)
    {
        Changes.Add($"Node '{node.Name}' ({node.Operator}): {change}.");
        var inputs = node.Inputs.ToArray();
        inputs[slot] = input;
        return node with { Inputs = inputs };
    }

    private string Constant(Node node, string hint, long[] values) => Constant(node, hint, Tensor.Of(values, values.Length));

    private string Constant(Node node, string hint, Tensor tensor)
    {
        var name = Fresh($"{node.Name}.{hint}");
        _weights.Add(name, tensor, WeightRole.Constant);
        _before.Add(name, tensor);
        _after.Add(name, tensor);
        return name;
    }

    private string Emit(Node near, string op, string[] inputs, Attributes attributes)
    {
        var name = Fresh($"{near.Name}.{op.ToLowerInvariant()}");
        var output = Fresh($"{name}.out");
        var node = new Node(name, op, inputs, [output], attributes);
        _before.Add(node);
        Add(node);
        return output;
    }

    private void Add(Node node)
    {
        _after.Add(node);
        _nodes.Add(node);
    }

    private string Fresh(string hint)
    {
        for (var i = 1; ; i++)
        {
            var name = i == 1 ? hint : $"{hint}_{i}";
            if (_taken.Add(name)) return name;
        }
    }
}
