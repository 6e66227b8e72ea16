using Attune.Graphs.Operators;

namespace Attune.Graphs.Onnx;

/// <summary>
/// Puts the bodies of a model's own functions in the place of their calls. Values and nodes inside are called <c>call/inner</c>. Functions that call
/// themselves, nest too deep or unfold to too many nodes are refused.
/// </summary>
internal sealed class FunctionInliner(string file, IReadOnlyDictionary<(string Domain, string Name, string Overload), OnnxFunction> functions, Dictionary<Node, string> overloads, long opset)
{
    private const int MaxDepth = 32;
    private const int MaxNodes = 500_000;
    private const long MaxCharacters = 1L << 28;

    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _suffixes = new(StringComparer.Ordinal);
    private readonly Dictionary<Node, long> _opsets = new(ReferenceEqualityComparer.Instance);
    private int _count;
    private long _characters;

    /// <summary>Operator sets of nodes whose function names another one than the model.</summary>
    public IReadOnlyDictionary<Node, long> Opsets => _opsets;

    /// <summary>The graph without calls of its own functions.</summary>
    public Graph Run(Graph graph)
    {
        CollectNames(graph);
        return Inlined(graph);
    }

    private Graph Inlined(Graph graph)
    {
        var nodes = new List<Node>();
        foreach (var node in graph.Nodes) Add(node, nodes, 0, opset);
        return graph with { Nodes = nodes };
    }

    private void CollectNames(Graph graph)
    {
        _taken.UnionWith(graph.Inputs.Select(i => i.Name).Concat(graph.Weights.All.Select(w => w.Name)));
        foreach (var node in graph.Nodes)
        {
            _taken.UnionWith(node.Outputs.Append(node.Name));
            foreach (var body in GraphSort.Bodies(node)) CollectNames(body);
        }
    }

    private void Add(Node node, List<Node> nodes, int depth, long nodeOpset)
    {
        if (++_count > MaxNodes) throw new DataFormatException(file, null, null, $"The model's functions unfold to more than {MaxNodes} nodes.");
        if (Function(node) is { } function)
        {
            if (depth >= MaxDepth) throw new DataFormatException(file, null, null, $"The function '{function.QualifiedName}' calls itself, or functions are nested more than {MaxDepth} deep.");
            Unfold(node, function, nodes, depth + 1);
            return;
        }
        var plain = node;
        if (GraphSort.Bodies(node).Any())
            plain = node with { Attributes = new Attributes(node.Attributes.Select(a => KeyValuePair.Create(a.Key, a.Value is Graph body ? InlinedBody(body, depth, nodeOpset) : a.Value))) };
        if (nodeOpset != opset) _opsets[plain] = nodeOpset;
        nodes.Add(plain);
    }

    private Graph InlinedBody(Graph body, int depth, long nodeOpset)
    {
        var nodes = new List<Node>();
        foreach (var node in body.Nodes) Add(node, nodes, depth, nodeOpset);
        return body with { Nodes = nodes };
    }

    /// <summary>A function of the model, unless ONNX's own domain has the operator.</summary>
    private OnnxFunction? Function(Node node)
    {
        if (node.Domain.Length == 0 && OperatorCatalog.Find("", node.Operator) is not null) return null;
        return functions.GetValueOrDefault((node.Domain, node.Operator, overloads.GetValueOrDefault(node, "")));
    }

    private void Unfold(Node call, OnnxFunction function, List<Node> nodes, int depth)
    {
        if (call.Inputs.Count > function.Inputs.Count || call.Outputs.Count > function.Outputs.Count)
            throw new DataFormatException(file, null, null, $"Node '{call.Name}' gives function '{function.QualifiedName}' {call.Inputs.Count} inputs and {call.Outputs.Count} outputs; it has {function.Inputs.Count} and {function.Outputs.Count}.");
        var prefix = call.Name.Length > 0 ? call.Name : call.Outputs.FirstOrDefault(o => o.Length > 0) ?? function.Name;
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < function.Inputs.Count; i++) names[function.Inputs[i]] = call.Input(i) ?? "";
        var written = function.Nodes.SelectMany(n => n.Outputs).ToHashSet(StringComparer.Ordinal);
        var copies = new List<Node>();
        for (var i = 0; i < call.Outputs.Count; i++)
        {
            if (call.Output(i) is not { } actual) continue;
            var formal = function.Outputs[i];
            if (written.Contains(formal) && !names.ContainsKey(formal)) names[formal] = actual;
            else copies.Add(new Node($"{prefix}/{formal}", "Identity", [names.GetValueOrDefault(formal, "")], [actual], Attributes.None));
        }
        // names grow with every level
        _characters += function.Nodes.Sum(n => (long)(prefix.Length + 1) * (1 + n.Outputs.Count) + n.Name.Length);
        if (_characters > MaxCharacters) throw new DataFormatException(file, null, null, $"The model's functions unfold to names of more than {MaxCharacters} characters.");
        var nodeOpset = function.Opset ?? opset;
        foreach (var node in function.Nodes) Add(Renamed(node, names, prefix, call.Attributes, function), nodes, depth, nodeOpset);
        nodes.AddRange(copies);
    }

    private Node Renamed(Node node, Dictionary<string, string> names, string prefix, Attributes call, OnnxFunction function)
    {
        string[] inputs = [.. node.Inputs.Select(i => i.Length == 0 ? "" : names.GetValueOrDefault(i, $"{prefix}/{i}"))];
        string[] outputs = [.. node.Outputs.Select(o => Named(o, names, prefix))];
        var attributes = new List<KeyValuePair<string, object>>();
        foreach (var (key, value) in node.Attributes)
        {
            var actual = value is not AttributeReference reference ? value
                : call.TryGetValue(reference.Name, out var given) ? given
                : function.Defaults.TryGetValue(reference.Name, out var fallback) ? fallback : null;
            if (actual is Graph body && value is Graph) actual = Renamed(body, names, prefix, call, function);
            if (actual is not (null or AttributeReference)) attributes.Add(KeyValuePair.Create(key, actual));
        }
        while (inputs.Length > 0 && inputs[^1].Length == 0) inputs = inputs[..^1];
        var renamed = new Node($"{prefix}/{(node.Name.Length > 0 ? node.Name : node.Operator)}", node.Operator, inputs, outputs, new Attributes(attributes), node.Domain);
        if (overloads.TryGetValue(node, out var overload)) overloads[renamed] = overload;
        return renamed;
    }

    private Graph Renamed(Graph body, Dictionary<string, string> around, string prefix, Attributes call, OnnxFunction function)
    {
        var names = new Dictionary<string, string>(around, StringComparer.Ordinal);
        ValueInfo[] inputs = [.. body.Inputs.Select(i => i with { Name = Named(i.Name, names, prefix) })];
        var weights = body.Weights.All.Select(w => w with { Name = Named(w.Name, names, prefix) }).ToList();
        Node[] nodes = [.. body.Nodes.Select(n => Renamed(n, names, prefix, call, function))];
        ValueInfo[] outputs = [.. body.Outputs.Select(o => o with { Name = names.GetValueOrDefault(o.Name, $"{prefix}/{o.Name}") })];
        return body with { Inputs = inputs, Outputs = outputs, Nodes = nodes, Weights = new Weights.WeightStore(weights) };
    }

    private string Named(string inner, Dictionary<string, string> names, string prefix)
    {
        if (inner.Length == 0) return "";
        if (names.TryGetValue(inner, out var known)) return known;
        var hint = $"{prefix}/{inner}";
        var name = hint;
        while (!_taken.Add(name))
        {
            var number = _suffixes[hint] = _suffixes.GetValueOrDefault(hint, 1) + 1;
            name = $"{hint}_{number}";
        }
        return names[inner] = name;
    }
}
