using Attune.Graphs;
using Attune.Graphs.Operators;
using Attune.Weights;
using TorchSharp;

namespace Attune.Engines.Torch;

/// <summary>
/// Compiles a graph for one class of input shapes. Everything that does not depend on the data (constants, shapes and what is computed from them) is computed now,
/// by the kernels themselves; the rest becomes instructions. Slots that a node fills are released after their last use.
/// </summary>
internal sealed class TorchPlanBuilder
{
    private readonly Graph _graph;
    private readonly TorchPlanBuilder? _outer;
    private readonly ShapeInference _inference;
    private readonly torch.Device _device;
    private readonly List<string> _problems = [];
    private readonly Dictionary<string, int> _slots = new(StringComparer.Ordinal);
    private readonly Dictionary<string, torch.Tensor> _constants = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names;      // every value of this graph, not of those around it
    private readonly List<TorchInstruction> _instructions = [];
    private readonly List<int[]> _reads = [];     // slots that each instruction reads
    private readonly Shared _shared;
    private Dictionary<string, Node>? _writers;
    private long _largest;

    /// <summary>What a plan and the branches in it have in common.</summary>
    private sealed class Shared
    {
        public int SlotCount;
        public readonly List<(int Slot, string Weight)> Weights = [];
        public readonly List<(int Slot, torch.Tensor Value)> Constants = [];
        public readonly List<torch.Tensor> All = [];
    }

    private TorchPlanBuilder(Graph graph, IEnumerable<ValueInfo> inputs, torch.Device device, TorchPlanBuilder? outer)
    {
        (_graph, _device, _outer, _shared) = (graph, device, outer, outer?._shared ?? new Shared());
        _inference = new ShapeInference(inputs, graph.Weights, _problems, outer?._inference);
        _names = graph.Inputs.Select(i => i.Name).Concat(graph.Nodes.SelectMany(n => n.Outputs)).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Compiles what the outputs need.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="outputs">Names of the values to compute, at least one.</param>
    /// <param name="shapes">Sizes of every graph input.</param>
    /// <param name="device">Where constants live.</param>
    /// <exception cref="NotSupportedException">A node cannot run on this engine; names it.</exception>
    public static TorchPlan Build(Graph graph, IReadOnlyList<string> outputs, IReadOnlyDictionary<string, long[]> shapes, torch.Device device)
    {
        var inputs = graph.Inputs.Select(i => new ValueInfo(i.Name, i.Type, shapes.TryGetValue(i.Name, out var sizes) ? Shape.Of(sizes) : i.Shape));
        var builder = new TorchPlanBuilder(graph, inputs, device, null);
        try
        {
            using var scope = torch.NewDisposeScope();   // what kernels leave behind while constants are folded
            using var _ = torch.no_grad();
            builder.Compile(NeededNodes(graph, outputs), outputs);
            int[] results = [.. outputs.Select(builder.SlotOf)];
            var read = graph.Inputs.Where(i => builder._slots.ContainsKey(i.Name)).ToDictionary(i => i.Name, i => builder._slots[i.Name], StringComparer.Ordinal);
            return new TorchPlan(builder.WithReleases(results), builder._shared.SlotCount, read, results, builder._shared.Weights, builder._shared.Constants, builder._shared.All) { LargestBytes = builder._largest };
        }
        catch
        {
            foreach (var constant in builder._shared.All) constant.Dispose();
            throw;
        }
    }

    /// <summary>Nodes that the outputs need, in order.</summary>
    public static List<Node> NeededNodes(Graph graph, IEnumerable<string> outputs)
    {
        var needed = new HashSet<string>(outputs, StringComparer.Ordinal);
        var nodes = new List<Node>();
        for (var i = graph.Nodes.Count - 1; i >= 0; i--)
        {
            var node = graph.Nodes[i];
            if (!node.Outputs.Any(o => o.Length > 0 && needed.Contains(o))) continue;
            nodes.Add(node);
            needed.UnionWith(GraphSort.Reads(node));
        }
        nodes.Reverse();
        return nodes;
    }

    /// <summary>What inference knows of a value in this shape class.</summary>
    public KnownValue Known(string name) => _inference.Lookup(name);

    /// <summary>The value of a name when it does not depend on the data; it stays the plan's.</summary>
    public torch.Tensor? ConstantOf(string name)
    {
        if (_constants.TryGetValue(name, out var known)) return known;
        if (!_graph.Weights.TryGet(name, out var weight)) return _names.Contains(name) ? null : _outer?.ConstantOf(name);
        if (weight.Role != WeightRole.Constant || weight.Value.Type == DataType.String) return null;
        return Keep(name, TorchTensors.FromStored(weight.Value));
    }

    /// <summary>The node that computes a value; null for graph inputs and weights.</summary>
    public Node? WriterOf(string name)
        => (_writers ??= _graph.Nodes.SelectMany(n => n.Outputs.Where(o => o.Length > 0).Select(o => (o, n))).ToDictionary(p => p.o, p => p.n, StringComparer.Ordinal)).GetValueOrDefault(name);

    /// <summary>The slot of a value, made when it has none.</summary>
    public int SlotOf(string name)
    {
        if (_slots.TryGetValue(name, out var slot)) return slot;
        var isWeight = _graph.Weights.TryGet(name, out var weight);
        if (_outer is not null && !isWeight && !_names.Contains(name)) return _outer.SlotOf(name);
        slot = _shared.SlotCount++;
        _slots.Add(name, slot);
        if (ConstantOf(name) is { } value) _shared.Constants.Add((slot, value));
        else if (isWeight) _shared.Weights.Add((slot, weight!.Name));
        return slot;
    }

    /// <summary>A subgraph over the same slots.</summary>
    public TorchBody Body(Graph body)
    {
        var inner = new TorchPlanBuilder(body, body.Inputs, _device, this);
        var outputs = body.Outputs.Select(o => o.Name).ToList();
        inner.Compile(NeededNodes(body, outputs), outputs);
        return new TorchBody(inner._instructions, [.. outputs.Select(inner.SlotOf)]);
    }

    private void Compile(List<Node> nodes, IReadOnlyCollection<string> outputs)
    {
        var missing = new List<string>();
        var linear = new LinearFusion(nodes, _graph.Weights, outputs);
        foreach (var node in nodes)
        {
            _inference.Add(node);
            if (_problems.Count > 0) throw new NotSupportedException(_problems[0].TrimEnd('.'));
            if (TorchOperatorCatalog.Find(node.Domain, node.Operator) is not { } known) missing.Add($"{node.QualifiedOperator} (node '{node.Name}')");
            else if (missing.Count > 0 || linear.Absorbs(node)) continue;
            else if (linear.Of(node) is { } layer) Add(node, layer);
            else Add(node, known);
        }
        if (missing.Count > 0) throw new NotSupportedException($"no kernel for {NearestName.Preview(missing)}");
    }

    private void Add(Node node, LinearFusion.Layer layer)
    {
        var (x, weight, bias) = (SlotOf(layer.X), SlotOf(layer.Weight), layer.Bias is null ? -1 : SlotOf(layer.Bias));
        Measure(node);
        _instructions.Add(new TorchInstruction(Linear.Kernel(x, weight, bias), [SlotOf(node.Outputs[0])], [], $"Node '{node.Name}' ({node.QualifiedOperator})"));
        _reads.Add([.. new[] { x, weight, bias }.Where(s => s >= 0).Distinct()]);
    }

    private void Measure(Node node)
    {
        foreach (var output in node.Outputs)
        {
            if (output.Length > 0 && _inference.Lookup(output).Shape?.Known() is { } sizes) _largest = Math.Max(_largest, sizes.Aggregate(4L, (bytes, size) => bytes * size));
        }
    }

    private void Add(Node node, TorchOperator known)
    {
        try
        {
            if (Folded(node, known)) return;
            var kernel = known.Compile(new TorchNode(node, this, SlotOf));
            Measure(node);
            int[] outputs = [.. node.Outputs.Select(o => o.Length == 0 ? -1 : SlotOf(o))];
            _instructions.Add(new TorchInstruction(kernel, outputs, [], $"Node '{node.Name}' ({node.QualifiedOperator})"));
            _reads.Add([.. GraphSort.Reads(node).Select(SlotOf).Distinct()]);
        }
        catch (NotSupportedException e)
        {
            throw new NotSupportedException($"node '{node.Name}' ({node.QualifiedOperator}): {e.Message}", e);
        }
    }

    /// <summary>Computes a node now when nothing that it reads depends on the data.</summary>
    private bool Folded(Node node, TorchOperator known)
    {
        if (!known.IsPure || GraphSort.Bodies(node).Any()) return false;
        if (node.Domain.Length == 0 && node.Operator is "Shape" or "Size")
        {
            if (_inference.Lookup(node.Outputs[0]).Content is not { } content || content.Any(d => d.Size is null)) return false;
            using var row = TorchTensors.Integers([.. content.Select(d => d.Size!.Value)]);
            Fold(node.Outputs[0], node.Operator == "Size" ? row.reshape([]) : row.alias());
            return true;
        }
        if (node.Inputs.Any(i => i.Length > 0 && ConstantOf(i) is null)) return false;
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var input in node.Inputs.Where(i => i.Length > 0)) places.TryAdd(input, places.Count);
        var values = new torch.Tensor?[places.Count];
        foreach (var (name, place) in places) values[place] = ConstantOf(name);
        var results = known.Compile(new TorchNode(node, this, name => places[name]))(new TorchFrame(values) { Device = _device });
        for (var i = 0; i < node.Outputs.Count; i++)
        {
            if (node.Outputs[i].Length > 0) Fold(node.Outputs[i], results[i]!);
        }
        return true;
    }

    private void Fold(string name, torch.Tensor value)
    {
        Keep(name, value);
        var type = _inference.Lookup(name).Type;
        if (value.numel() <= KnownValue.MaxContent && type is DataType.Int64 or DataType.Int32) _inference.Add(name, TorchTensors.ToStored(value, type));
        else _inference.Add(name, new KnownValue(type, Shape.Of(value.shape), null));
    }

    private torch.Tensor Keep(string name, torch.Tensor value)
    {
        var kept = (_device.type == DeviceType.CPU ? value : value.to(_device)).DetachFromDisposeScope();
        _constants[name] = kept;
        _shared.All.Add(kept);
        return kept;
    }

    /// <summary>The instructions with the slots to free after each: those a node filled, after the last node that reads them.</summary>
    private List<TorchInstruction> WithReleases(int[] results)
    {
        var lastUse = new Dictionary<int, int>();
        for (var i = 0; i < _instructions.Count; i++)
        {
            foreach (var slot in _instructions[i].Outputs.Where(s => s >= 0)) lastUse[slot] = i;   // never read: freed at once
            foreach (var slot in _reads[i])
            {
                if (lastUse.ContainsKey(slot)) lastUse[slot] = i;
            }
        }
        var releases = lastUse.Where(u => !results.Contains(u.Key)).ToLookup(u => u.Value, u => u.Key);
        return [.. _instructions.Select((instruction, i) => instruction with { Releases = [.. releases[i].Order()] })];
    }
}
