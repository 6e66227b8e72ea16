using Attune.Weights;

namespace Attune.Graphs.Onnx;

/// <summary>
/// Rewrites a graph as it stood in a file to the meaning of opset 23: attributes that became inputs, Softmax over flattened axes, Constant nodes
/// as named weights. Nodes come in topological order, so the rank of an input is known when it matters. Every node leaves with a name of its own.
/// </summary>
internal sealed class OpsetUpgrade
{
    private readonly string _file;
    private readonly long _fileOpset;
    private readonly IReadOnlyDictionary<Node, long> _nodeOpsets;
    private readonly Graph _graph;
    private readonly WeightStore _weights;
    private readonly ShapeInference _inference;
    private readonly List<Node> _nodes = [];
    private readonly HashSet<string> _nodeNames = new(StringComparer.Ordinal);
    private readonly HashSet<string> _valueNames = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reads;
    private readonly HashSet<string> _inputNames;
    private readonly Dictionary<string, int> _suffixes = new(StringComparer.Ordinal);
    private readonly NodeWriter _writer;
    private long _opset;

    private OpsetUpgrade(string file, long opset, IReadOnlyDictionary<Node, long> nodeOpsets, Graph graph, OpsetUpgrade? outer)
    {
        (_file, _opset, _fileOpset, _nodeOpsets, _graph, _weights) = (file, opset, opset, nodeOpsets, graph, new WeightStore(graph.Weights.All));
        // problems are told by the validator afterwards; here only ranks matter
        _inference = new ShapeInference(graph.Inputs, graph.Weights, [], outer?._inference);
        _reads = graph.Nodes.SelectMany(GraphSort.Reads).Concat(graph.Outputs.Select(o => o.Name)).ToHashSet(StringComparer.Ordinal);
        _inputNames = graph.Inputs.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        _valueNames.UnionWith(graph.Nodes.SelectMany(n => n.Inputs.Concat(n.Outputs)));
        _valueNames.UnionWith(graph.Weights.All.Select(w => w.Name).Concat(graph.Inputs.Select(i => i.Name)));
        if (outer is not null) _valueNames.UnionWith(outer._valueNames);
        _writer = new NodeWriter(name => _inference.Lookup(name), name => _weights.TryGet(name, out var weight) ? weight.Value : null, hint => Unique(_valueNames, hint), hint => Unique(_nodeNames, hint), AddConstant, Add);
    }

    /// <summary>The upgraded graph, sorted, with roles.</summary>
    /// <param name="file">For messages.</param>
    /// <param name="opset">Operator set of ONNX's own domain.</param>
    /// <param name="nodeOpsets">Nodes that have another one.</param>
    /// <param name="graph">The graph as it stood in the file.</param>
    public static Graph Run(string file, long opset, IReadOnlyDictionary<Node, long> nodeOpsets, Graph graph) => new OpsetUpgrade(file, opset, nodeOpsets, GraphValidator.Sort(graph), null).Run();

    private Graph Run()
    {
        foreach (var node in _graph.Nodes)
        {
            _opset = _nodeOpsets.GetValueOrDefault(node, _fileOpset);
            Upgrade(Named(WithUpgradedBodies(node)));
        }
        return WeightRoles.Assign(_graph with { Nodes = _nodes, Weights = _weights });
    }

    private Node Named(Node node)
    {
        var name = Unique(_nodeNames, node.Name.Length > 0 ? node.Name : $"{node.Operator}_{_nodes.Count}");
        return name == node.Name ? node : node with { Name = name };
    }

    private Node WithUpgradedBodies(Node node)
    {
        if (!GraphSort.Bodies(node).Any()) return node;
        var bodies = node.Attributes.Select(a => KeyValuePair.Create(a.Key, a.Value is Graph body ? new OpsetUpgrade(_file, _fileOpset, _nodeOpsets, GraphValidator.Sort(body), this).Run() : a.Value));
        return node with { Attributes = new Attributes(bodies) };
    }

    private void Upgrade(Node node)
    {
        // ONNX Runtime's optimizer puts this one operator of its own into ONNX's domain
        if ((node.Domain == ContribOperators.Domain || node is { Domain.Length: 0, Operator: "SimplifiedLayerNormalization" }) && Expanded(node)) return;
        if (node.Domain.Length > 0)
        {
            Add(node);
            return;
        }
        switch (node.Operator)
        {
            case "Constant": AddConstant(node); break;
            case "Softmax" or "LogSoftmax" or "Hardmax" when _opset < 13: AddFlattened(node); break;
            case "Clip" when _opset < 11: Add(Bounds(node)); break;
            case "Squeeze" or "Unsqueeze" or "ReduceSum" when _opset < 13: Add(ListInput(node, "axes", 1)); break;
            case "ReduceL1" or "ReduceL2" or "ReduceLogSum" or "ReduceLogSumExp" or "ReduceMax" or "ReduceMean" or "ReduceMin" or "ReduceProd" or "ReduceSumSquare" when _opset < 18:
                Add(ListInput(node, "axes", 1));
                break;
            case "Split" when _opset < 18: Add(Split(node)); break;
            case "Slice" when _opset < 10: Add(ListInput(ListInput(ListInput(node, "starts", 1), "ends", 2), "axes", 3)); break;
            case "Pad" when _opset < 11: Add(Pad(node)); break;
            case "TopK" when _opset < 10: Add(Input(node, "k", 1, Tensor.Of([node.Attributes.Int("k")], 1))); break;
            case "Dropout": Add(Dropout(node)); break;
            case "BatchNormalization": Add(BatchNormalization(node)); break;
            case "Upsample": Add(Upsample(node)); break;
            case "Resize": Add(Resize(node)); break;
            case "Scatter": Add(node with { Operator = "ScatterElements" }); break;
            case "GridSample" when _opset < 20: Add(GridSample(node)); break;
            case "GroupNormalization" when _opset < 21: Add(GroupNormalization(node)); break;
            case "DFT" when _opset < 20: Add(Dft(node)); break;
            case "Gemm" when _opset < 7: throw Bad(node, "has a broadcast flag of an opset before 7");
            default: Add(node); break;
        }
    }

    private void Add(Node node)
    {
        _nodes.Add(node);
        _inference.Add(node);
    }

    private bool Expanded(Node node)
    {
        try { return ContribOperators.Expand(node, _writer); }
        catch (NotSupportedException e) { throw Bad(node, e.Message); }
    }

    private void AddConstant(string name, Tensor value)
    {
        _weights.Add(name, value, WeightRole.Constant);
        _inference.Add(name, value);
    }

    private void AddConstant(Node node)
    {
        if (node.Output(0) is not { } name || node.Outputs.Count != 1) throw Bad(node, "has no single output");
        Tensor? value = null;
        foreach (var (key, attribute) in node.Attributes)
        {
            value = (key, attribute) switch
            {
                ("value", Tensor tensor) => tensor,
                ("value_float", float number) => Tensor.Of([number]),
                ("value_floats", float[] numbers) => Tensor.Of(numbers, numbers.Length),
                ("value_int", long number) => Tensor.Of([number]),
                ("value_ints", long[] numbers) => Tensor.Of(numbers, numbers.Length),
                ("value_string", string text) => new Tensor([text], []),
                ("value_strings", string[] texts) => new Tensor(texts, [texts.Length]),
                _ => value,
            };
        }
        if (value is null) throw Bad(node, "has no value");
        if (_weights.Contains(name)) throw Bad(node, $"writes '{name}', which is already a weight");
        if (_inputNames.Contains(name)) throw Bad(node, $"writes '{name}', which is already a graph input");
        _weights.Add(name, value, WeightRole.Constant);
        _inference.Add(name, value);
    }

    /// <summary>Before opset 13, Softmax worked on x flattened to two axes at <c>axis</c> (default 1).</summary>
    private void AddFlattened(Node node)
    {
        var axis = node.Attributes.Int("axis", 1);
        var shape = node.Input(0) is { } input ? _inference.Lookup(input).Shape : null;
        if (axis == -1 || axis == shape?.Rank - 1 || node.Inputs.Count == 0)
        {
            Add(With(node, ("axis", -1L)));
            return;
        }
        var (sizes, flat, result) = (Fresh(node, "shape"), Fresh(node, "flat"), Fresh(node, "rows"));
        Add(new Node(Unnamed(node, "shape"), "Shape", [node.Inputs[0]], [sizes], Attributes.None));
        Add(new Node(Unnamed(node, "flatten"), "Flatten", [node.Inputs[0]], [flat], Attributes.Of(("axis", axis))));
        Add(With(node, ("axis", -1L)) with { Inputs = [flat], Outputs = [result] });
        Add(new Node(Unnamed(node, "reshape"), "Reshape", [result, sizes], node.Outputs, Attributes.None));
    }

    private Node Bounds(Node node)
    {
        var type = node.Input(0) is { } x ? _inference.Lookup(x).Type : DataType.Float;
        foreach (var (name, slot) in new[] { ("min", 1), ("max", 2) })
        {
            if (!node.Attributes.ContainsKey(name)) continue;
            var bound = Tensor.Of([node.Attributes.Float(name)]);
            node = Input(node, name, slot, type.IsFloating() ? bound.ToFloating(type) : bound);
        }
        return node;
    }

    private Node ListInput(Node node, string attribute, int slot)
        => node.Attributes.Get<long[]>(attribute) is { } list ? Input(node, attribute, slot, Tensor.Of(list, list.Length)) : node;

    private Node Split(Node node)
    {
        node = _opset < 13 ? ListInput(node, "split", 1) : node;
        return node.Input(1) is null ? With(node, ("num_outputs", (long)node.Outputs.Count)) : node;
    }

    private Node Pad(Node node)
    {
        node = ListInput(node, "pads", 1);
        var value = node.Attributes.Float("value");
        var type = node.Input(0) is { } x && _inference.Lookup(x).Type is var known && known.IsFloating() ? known : DataType.Float;
        return value == 0 ? Without(node, "value") : Input(node, "value", 2, Tensor.Of([value]).ToFloating(type));
    }

    /// <summary>Upsample is a Resize that takes the sample to the left above (asymmetric, floor).</summary>
    private Node Upsample(Node node)
    {
        if (node.Attributes.Get<float[]>("scales") is { } scales) node = Input(node, "scales", 1, Tensor.Of(scales, scales.Length));
        return OldResize(node with { Operator = "Resize" });
    }

    private Node Resize(Node node)
    {
        if (_opset < 11) return OldResize(node);
        if (node.Attributes.Text("coordinate_transformation_mode") == "tf_half_pixel_for_nn") throw Bad(node, "has the coordinate mode 'tf_half_pixel_for_nn', which opset 13 dropped");
        // opset 11 demanded the inputs and took empty ones for absent
        string[] inputs = [.. node.Inputs.Select(i => i.Length > 0 && _weights.TryGet(i, out var weight) && weight.Count == 0 ? "" : i)];
        while (inputs.Length > 0 && inputs[^1].Length == 0) inputs = inputs[..^1];
        return node with { Inputs = inputs };
    }

    private static Node OldResize(Node node)
    {
        if (node.Inputs.Count != 2) return node;
        var modes = With(With(node, ("coordinate_transformation_mode", "asymmetric")), ("nearest_mode", "floor"));
        var mode = node.Attributes.Text("mode", "nearest") is "bilinear" or "trilinear" ? "linear" : node.Attributes.Text("mode", "nearest");
        return With(modes, ("mode", mode)) with { Inputs = [node.Inputs[0], "", node.Inputs[1]] };
    }

    private static Node GridSample(Node node)
        => node.Attributes.Text("mode", "bilinear") is var mode && mode is "bilinear" or "bicubic" ? With(node, ("mode", mode == "bilinear" ? "linear" : "cubic")) : node;

    /// <summary>Before opset 21, scale and shift had one number for each group.</summary>
    private Node GroupNormalization(Node node)
    {
        var groups = node.Attributes.Int("num_groups");
        if (node.Inputs.Count < 3 || groups <= 0 || _inference.Lookup(node.Inputs[0]).Shape is not { Rank: > 1 } shape || shape[1].Size is not { } channels || channels % groups != 0)
            throw Bad(node, "has one scale for each group, as opset 18 had it; its number of channels must be known");
        if (channels == groups) return node;
        return node with { Inputs = [node.Inputs[0], Spread(node, node.Inputs[1], groups, channels), Spread(node, node.Inputs[2], groups, channels)] };
    }

    private string Spread(Node node, string weight, long groups, long channels)
    {
        var column = _writer.Emit(node, "Unsqueeze", [weight, _writer.Integers(node, "axes", [1])]);
        var table = _writer.Emit(node, "Expand", [column, _writer.Integers(node, "table", [groups, channels / groups])]);
        return _writer.Emit(node, "Reshape", [table, _writer.Integers(node, "channels", [channels])]);
    }

    private Node Dft(Node node)
    {
        var axis = Tensor.Of([node.Attributes.Int("axis", 1)]);
        return Input(node, "axis", 2, axis);
    }

    private Node Dropout(Node node)
        => _opset < 12 && node.Attributes.Float("ratio", 0.5f) is var ratio ? Input(node, "ratio", 1, Tensor.Of([ratio])) : Trimmed(node, 2);

    /// <summary>The mode of the run decides about training, so neither a flag in the file nor the statistics' outputs are kept.</summary>
    private Node BatchNormalization(Node node)
    {
        if (_opset < 9 && node.Attributes.Int("spatial", 1) == 0) throw Bad(node, "has spatial = 0, which later ONNX versions dropped");
        var used = node.Outputs.Skip(1).Where(o => o.Length > 0).FirstOrDefault(_reads.Contains);
        if (used is not null) throw Bad(node, $"gives its training statistics '{used}' to other nodes");
        return Without(Without(node, "spatial"), "training_mode") with { Outputs = [.. node.Outputs.Take(1)] };
    }

    /// <summary>The node without inputs from <paramref name="count"/> on (Dropout's training flag: the mode of the run decides).</summary>
    private static Node Trimmed(Node node, int count) => node.Inputs.Count <= count ? node : node with { Inputs = [.. node.Inputs.Take(count)] };

    private Node Input(Node node, string attribute, int slot, Tensor value)
    {
        var name = Fresh(node, attribute);
        _weights.Add(name, value, WeightRole.Constant);
        _inference.Add(name, value);
        var inputs = node.Inputs.Take(slot).ToList();
        while (inputs.Count < slot) inputs.Add("");
        return Without(node, attribute) with { Inputs = [.. inputs, name] };
    }

    private static Node With(Node node, (string Name, object Value) attribute)
        => node with { Attributes = new Attributes(node.Attributes.Where(a => a.Key != attribute.Name).Append(KeyValuePair.Create(attribute.Name, attribute.Value))) };

    private static Node Without(Node node, string attribute)
        => node.Attributes.ContainsKey(attribute) ? node with { Attributes = new Attributes(node.Attributes.Where(a => a.Key != attribute)) } : node;

    private string Fresh(Node node, string hint) => Unique(_valueNames, $"{node.Name}.{hint}");

    private string Unnamed(Node node, string hint) => Unique(_nodeNames, $"{node.Name}.{hint}");

    /// <summary>The hint, or the hint with the next free number: remembered, so that a file of equal names stays linear.</summary>
    private string Unique(HashSet<string> taken, string hint)
    {
        var name = hint;
        while (!taken.Add(name))
        {
            var number = _suffixes.GetValueOrDefault(hint, 1) + 1;
            _suffixes[hint] = number;
            name = $"{hint}_{number}";
        }
        return name;
    }

    private DataFormatException Bad(Node node, string reason) => new(_file, null, null, $"Node '{node.Name}' ({node.Operator}) {reason}.");
}
