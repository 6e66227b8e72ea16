using Attune.Graphs.Operators;

namespace Attune.Graphs;

/// <summary>
/// Types and shapes of all values of a graph, node by node, without running it. Symbolic sizes are kept; integer vectors that stem from
/// shapes are followed, so that Reshape and Expand targets are known.
/// </summary>
public sealed class ShapeInference
{
    private readonly Dictionary<string, KnownValue> _values = new(StringComparer.Ordinal);
    private readonly ShapeInference? _outer;
    private readonly List<string> _problems;

    internal ShapeInference(IEnumerable<ValueInfo> inputs, Weights.WeightStore weights, List<string> problems, ShapeInference? outer = null)
    {
        (_problems, _outer) = (problems, outer);
        foreach (var weight in weights.All)
        {
            foreach (var name in weight.Aliases.Prepend(weight.Name)) _values[name] = KnownValue.Of(weight.Value);
        }
        foreach (var input in inputs) _values[input.Name] = new KnownValue(input.Type, input.Shape, null);
    }

    /// <summary>Every value of a valid graph by name: inputs, weights and node outputs.</summary>
    /// <exception cref="ArgumentException">Nodes do not fit their operators; all of them are listed.</exception>
    public static IReadOnlyDictionary<string, ValueInfo> Infer(Graph graph)
    {
        var problems = new List<string>();
        var inference = new ShapeInference(graph.Inputs, graph.Weights, problems);
        foreach (var node in graph.Nodes) inference.Add(node);
        if (problems.Count > 0) throw new ArgumentException(GraphValidator.Report(graph, problems), nameof(graph));
        return inference._values.ToDictionary(v => v.Key, v => new ValueInfo(v.Key, v.Value.Type, v.Value.Shape), StringComparer.Ordinal);
    }

    /// <summary>What is known about a value, here or around this subgraph.</summary>
    internal KnownValue Lookup(string name) => _values.TryGetValue(name, out var value) ? value : _outer?.Lookup(name) ?? default;

    /// <summary>Adds a tensor that appeared after the start.</summary>
    internal void Add(string name, Tensor tensor) => _values[name] = KnownValue.Of(tensor);

    /// <summary>Adds what became known of a value by computing it.</summary>
    internal void Add(string name, KnownValue value) => _values[name] = value;

    /// <summary>Follows one node; a problem is noted under the node's name and leaves its outputs unknown.</summary>
    internal void Add(Node node)
    {
        var context = new InferenceContext(node, Lookup, Body);
        try
        {
            if (OperatorCatalog.Find(node.Domain, node.Operator) is { } known) known.Infer(context);
            else if (node.Domain == Node.AttuneDomain) context.Output(0, context.Type(0), context.Shape(0));
        }
        catch (InferenceException e) { _problems.Add($"{GraphValidator.Label(node)}: {e.Message}."); }
        catch (OverflowException) { _problems.Add($"{GraphValidator.Label(node)}: a size exceeds 63 bits."); }
        for (var i = 0; i < node.Outputs.Count; i++)
        {
            if (node.Outputs[i].Length > 0) _values[node.Outputs[i]] = context.Results[i];
        }
    }

    private List<KnownValue> Body(Graph body)
    {
        var inner = new ShapeInference(body.Inputs, body.Weights, _problems, this);
        foreach (var node in body.Nodes) inner.Add(node);
        return [.. body.Outputs.Select(o => inner.Lookup(o.Name))];
    }
}
