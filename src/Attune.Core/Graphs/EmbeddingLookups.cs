namespace Attune.Graphs;

/// <summary>A lookup of rows in an embedding table.</summary>
/// <param name="Node">The Gather.</param>
/// <param name="Table">Canonical name of the weight [V, D].</param>
/// <param name="Input">The graph input that holds the indices.</param>
public sealed record EmbeddingLookup(Node Node, string Table, string Input);

/// <summary>
/// Finds the token embeddings of a graph: every Gather from axis 0 of a stored [V, D] weight at indices that a graph input gives (through casts and reshapes). Where an input
/// is called <c>input_ids</c>, only its lookups: positions and segments are no words.
/// </summary>
public static class EmbeddingLookups
{
    private const string TokenInput = "input_ids";

    /// <summary>The lookups in node order.</summary>
    public static IReadOnlyList<EmbeddingLookup> Of(Graph graph)
    {
        var makers = new Dictionary<string, Node>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            foreach (var output in node.Outputs) makers.TryAdd(output, node);
        }
        var inputs = graph.Inputs.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        var found = new List<EmbeddingLookup>();
        foreach (var node in graph.Nodes)
        {
            if (node.Operator != "Gather" || node.Attributes.Int("axis") != 0 || !graph.Weights.Contains(node.Inputs[0])) continue;
            var weight = graph.Weights[node.Inputs[0]];
            if (weight.Value.Sizes.Count == 2 && weight.Value.Type.IsFloating() && Source(node.Inputs[1]) is { } input) found.Add(new EmbeddingLookup(node, weight.Name, input));
        }
        return found.Any(l => l.Input == TokenInput) ? [.. found.Where(l => l.Input == TokenInput)] : found;

        string? Source(string value)
        {
            while (!inputs.Contains(value))
            {
                if (!makers.TryGetValue(value, out var maker) || maker.Operator is not ("Cast" or "Identity" or "Reshape" or "Squeeze" or "Unsqueeze" or "Flatten")) return null;
                value = maker.Inputs[0];
            }
            return value;
        }
    }
}
