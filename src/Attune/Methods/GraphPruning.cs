using Attune.Graphs;

namespace Attune.Methods;

/// <summary>Removes what no output needs.</summary>
internal static class GraphPruning
{
    /// <summary>The graph without dead nodes, and without weights that only dead nodes read. Inputs stay, read or not.</summary>
    public static Graph Run(Graph graph)
    {
        var needed = graph.Outputs.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        var live = new List<Node>();
        foreach (var node in graph.Nodes.Reverse())
        {
            if (!node.Outputs.Any(o => o.Length > 0 && needed.Contains(o))) continue;
            live.Add(node);
            needed.UnionWith(GraphSort.Reads(node));
        }
        live.Reverse();
        var dead = graph.Nodes.Except(live, ReferenceEqualityComparer.Instance).Cast<Node>().SelectMany(GraphSort.Reads).Where(r => !needed.Contains(r)).ToHashSet(StringComparer.Ordinal);
        return graph with { Nodes = live, Weights = new(graph.Weights.All.Where(w => !dead.Contains(w.Name) && !w.Aliases.Any(dead.Contains) || w.Aliases.Prepend(w.Name).Any(needed.Contains))) };
    }
}
