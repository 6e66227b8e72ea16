using Attune.Graphs.Operators;
using Attune.Weights;

namespace Attune.Graphs.Onnx;

/// <summary>ModelProto → nodes and tensors as the file has them, before opsets are upgraded.</summary>
internal sealed class OnnxParser(MappedFile file)
{
    private const int MaxDepth = 16;

    private readonly TensorParser _tensors = new(file);
    private readonly Dictionary<string, long> _opsets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Domain, string Name, string Overload), OnnxFunction> _functions = [];
    private readonly Dictionary<Node, string> _overloads = new(ReferenceEqualityComparer.Instance);
    private bool _inFunction;

    /// <summary>Operator set of ONNX's own domain for nodes that came from a function with another one than the model's.</summary>
    public IReadOnlyDictionary<Node, long> NodeOpsets { get; private set; } = new Dictionary<Node, long>();

    /// <summary>The whole file.</summary>
    public OnnxModel Parse()
    {
        long version = 0;
        string producer = "", producerVersion = "";
        WireReader? graph = null;
        var message = new WireReader(file, 0, file.Length);
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1: version = message.Int(); break;
                case 2: producer = message.Text(); break;
                case 3: producerVersion = message.Text(); break;
                case 7: graph = message.Message(); break;
                case 8: AddOpset(message.Message()); break;
                case 14: AddMetadata(message.Message()); break;
                case 25: AddFunction(message.Message()); break;
                default: message.Skip(); break;
            }
        }
        if (graph is null) throw Bad("This file holds no ONNX graph; it is truncated or of another format.");
        if (version is < 3 or > 13) throw Bad($"The file has IR version {version}; 3 to 13 are read.");
        var opset = _opsets.GetValueOrDefault("", version < 3 ? 1 : 0);
        if (opset is < 7 or > Graph.OperatorSet) throw Bad($"The model uses opset {opset}; 7 to {Graph.OperatorSet} are read. Convert it with ONNX's version converter.");
        var parsed = ParseGraph(graph.Value, 0) with { Metadata = _metadata };
        if (_functions.Count > 0)
        {
            var inliner = new FunctionInliner(file.Path, _functions, _overloads, opset);
            parsed = inliner.Run(parsed);
            NodeOpsets = inliner.Opsets;
        }
        return new OnnxModel(parsed, version, opset, producer, producerVersion);
    }

    /// <summary>A FunctionProto.</summary>
    private void AddFunction(WireReader message)
    {
        string name = "", domain = "", overload = "";
        var (inputs, outputs, nodes) = (new List<string>(), new List<string>(), new List<Node>());
        var defaults = new Dictionary<string, object>(StringComparer.Ordinal);
        var opsets = new Dictionary<string, long>(StringComparer.Ordinal);
        _inFunction = true;
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1: name = message.Text(); break;
                case 4: inputs.Add(message.Text()); break;
                case 5: outputs.Add(message.Text()); break;
                case 7: nodes.Add(ParseNode(message.Message(), 0)); break;
                case 9: AddOpset(message.Message(), opsets); break;
                case 10: domain = message.Text(); break;
                case 11: AddAttribute(defaults, message.Message(), 0); break;
                case 13: overload = message.Text(); break;
                default: message.Skip(); break;
            }
        }
        _inFunction = false;
        domain = domain == "ai.onnx" ? "" : domain;
        var function = new OnnxFunction(domain, name, inputs, outputs, new Attributes(defaults), nodes, opsets.TryGetValue("", out var opset) ? opset : null);
        if (!_functions.TryAdd((domain, name, overload), function)) throw Bad($"The function '{function.QualifiedName}' is defined twice.");
    }

    /// <summary>A StringStringEntryProto.</summary>
    public static (string Key, string Value) Pair(WireReader entry)
    {
        string key = "", value = "";
        while (entry.Next())
        {
            if (entry.Field == 1) key = entry.Text();
            else if (entry.Field == 2) value = entry.Text();
            else entry.Skip();
        }
        return (key, value);
    }

    private Graph ParseGraph(WireReader message, int depth)
    {
        if (depth > MaxDepth) throw Bad($"Subgraphs are nested more than {MaxDepth} deep.");
        var name = "";
        var (nodes, inputs, outputs) = (new List<Node>(), new List<ValueInfo>(), new List<ValueInfo>());
        var weights = new WeightStore();
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1: nodes.Add(ParseNode(message.Message(), depth)); break;
                case 2: name = message.Text(); break;
                case 5: AddInitializer(weights, message.Message()); break;
                case 11: inputs.Add(ParseValue(message.Message())); break;
                case 12: outputs.Add(ParseValue(message.Message())); break;
                case 15: throw Bad("The model holds sparse initializers, which Attune does not read.");
                default: message.Skip(); break;
            }
        }
        // files before IR 4 list every initializer as an input too
        return new Graph(name, [.. inputs.Where(i => !weights.Contains(i.Name))], outputs, nodes, weights);
    }

    private void AddInitializer(WeightStore weights, WireReader message)
    {
        var (name, value) = _tensors.Parse(message);
        if (name.Length == 0) throw Bad("An initializer has no name.");
        if (weights.Contains(name)) throw Bad($"Two initializers are called '{name}'.");
        weights.Add(name, value, WeightRole.Constant);
    }

    private Node ParseNode(WireReader message, int depth)
    {
        string name = "", type = "", domain = "", overload = "";
        var (inputs, outputs) = (new List<string>(), new List<string>());
        var attributes = new Dictionary<string, object>(StringComparer.Ordinal);
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1: inputs.Add(message.Text()); break;
                case 2: outputs.Add(message.Text()); break;
                case 3: name = message.Text(); break;
                case 4: type = message.Text(); break;
                case 5: AddAttribute(attributes, message.Message(), depth); break;
                case 7: domain = message.Text(); break;
                case 8: overload = message.Text(); break;
                default: message.Skip(); break;
            }
        }
        while (inputs.Count > 0 && inputs[^1].Length == 0) inputs.RemoveAt(inputs.Count - 1);
        var node = new Node(name, type, inputs, outputs, new Attributes(attributes), domain == "ai.onnx" ? "" : domain);
        if (overload.Length > 0) _overloads[node] = overload;
        return node;
    }

    private void AddAttribute(Dictionary<string, object> attributes, WireReader message, int depth)
    {
        string name = "", reference = "";
        long type = 0;
        object? value = null;
        var (floats, integers, texts) = (new List<float>(), new List<long>(), new List<string>());
        var (tensors, graphs) = (new List<Tensor>(), new List<Graph>());
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1: name = message.Text(); break;
                case 2: value = message.Float(); break;
                case 3: value = message.Int(); break;
                case 4: value = message.Text(); break;
                case 5: value = _tensors.Parse(message.Message()).Value; break;
                case 6: value = ParseGraph(message.Message(), depth + 1); break;
                case 7: message.AddFloats(floats); break;
                case 8: message.AddInts(integers); break;
                case 9: texts.Add(message.Text()); break;
                case 10: tensors.Add(_tensors.Parse(message.Message()).Value); break;
                case 11: graphs.Add(ParseGraph(message.Message(), depth + 1)); break;
                case 20: type = message.Int(); break;
                case 21: reference = message.Text(); break;
                case 22 or 23: throw Bad($"Attribute '{name}' holds a sparse tensor, which Attune does not read.");
                default: message.Skip(); break;
            }
        }
        if (reference.Length > 0 && !_inFunction) throw Bad($"Attribute '{name}' refers to '{reference}' of a function, but stands outside of one.");
        // proto3 leaves out zeros, so the declared type decides
        value = reference.Length > 0 ? new AttributeReference(reference) : type switch
        {
            1 => value ?? 0f,
            2 => value ?? 0L,
            3 => value ?? "",
            6 => floats.ToArray(),
            7 => integers.ToArray(),
            8 => texts.ToArray(),
            9 => tensors.ToArray(),
            10 => graphs.ToArray(),
            0 => value ?? (floats.Count > 0 ? floats.ToArray() : integers.Count > 0 ? integers.ToArray() : texts.Count > 0 ? texts.ToArray() : null),
            _ => value,
        };
        if (value is null) throw Bad($"Attribute '{name}' has no value that Attune reads (type {type}).");
        if (!attributes.TryAdd(name, value)) throw Bad($"A node has the attribute '{name}' twice.");
    }

    private ValueInfo ParseValue(WireReader message)
    {
        var name = "";
        var (type, shape) = (DataType.Undefined, (Shape?)null);
        while (message.Next())
        {
            if (message.Field == 1) name = message.Text();
            else if (message.Field == 2) (type, shape) = ParseType(message.Message());
            else message.Skip();
        }
        return new ValueInfo(name, type, shape);

        (DataType, Shape?) ParseType(WireReader outer)
        {
            while (outer.Next())
            {
                if (outer.Field == 1) return ParseTensorType(outer.Message(), name);
                if (outer.Field is 4 or 5 or 8 or 9) throw Bad($"Value '{name}' is a sequence, map, sparse or optional value; Attune reads tensors only.");
                outer.Skip();
            }
            return (DataType.Undefined, null);
        }
    }

    private (DataType, Shape?) ParseTensorType(WireReader message, string name)
    {
        long type = 0;
        List<Dimension>? dimensions = null;
        while (message.Next())
        {
            if (message.Field == 1) type = message.Int();
            else if (message.Field == 2)
            {
                dimensions = [];
                var shape = message.Message();
                while (shape.Next())
                {
                    if (shape.Field == 1) dimensions.Add(ParseDimension(shape.Message()));
                    else shape.Skip();
                }
            }
            else message.Skip();
        }
        if (dimensions?.Count > InferenceContext.MaxRank) throw Bad($"Value '{name}' has rank {dimensions.Count}; at most {InferenceContext.MaxRank} is accepted.");
        if (!Enum.IsDefined((DataType)type)) throw Bad($"Value '{name}' has element type {type}, which does not exist.");
        return ((DataType)type, dimensions is null ? null : new Shape(dimensions));
    }

    private static Dimension ParseDimension(WireReader message)
    {
        Dimension dimension = default;
        while (message.Next())
        {
            if (message.Field == 1) dimension = message.Int() is >= 0 and var size ? size : default(Dimension);
            else if (message.Field == 2 && message.Text() is { Length: > 0 } symbol) dimension = symbol;
            else if (message.Field != 2) message.Skip();
        }
        return dimension;
    }

    private void AddOpset(WireReader message) => AddOpset(message, _opsets);

    private static void AddOpset(WireReader message, Dictionary<string, long> opsets)
    {
        var domain = "";
        long version = 0;
        while (message.Next())
        {
            if (message.Field == 1) domain = message.Text();
            else if (message.Field == 2) version = message.Int();
            else message.Skip();
        }
        opsets[domain == "ai.onnx" ? "" : domain] = version;
    }

    private void AddMetadata(WireReader message)
    {
        var (key, value) = Pair(message);
        _metadata[key] = value;
    }

    private DataFormatException Bad(string reason) => new(file.Path, null, null, reason);
}
