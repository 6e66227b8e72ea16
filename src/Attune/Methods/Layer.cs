using Attune.Graphs;

namespace Attune.Methods;

/// <summary>
/// The weights at one depth: nodes with matrices or tables (Gemm, MatMul, Conv, Gather, …) that have equally many such nodes on their longest path from an input, with
/// the norms and biases that follow. Branches that run side by side share a layer: embedding tables, the query, key and value of attention, a projected shortcut and
/// the first convolution beside it. Norms in front of everything are a layer of their own.
/// </summary>
/// <param name="Index">0 is nearest to the input.</param>
/// <param name="Weights">Canonical names of its parameters and buffers.</param>
public sealed record Layer(int Index, IReadOnlyList<string> Weights)
{
    /// <summary>The layers of a graph in depth order. A shared weight belongs to its first use.</summary>
    public static IReadOnlyList<Layer> Of(Graph graph) => Of(new GraphFlow(graph));

    internal static IReadOnlyList<Layer> Of(GraphFlow flow)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var byDepth = new SortedDictionary<int, List<string>>();
        foreach (var use in flow.Uses)
        {
            if (!seen.Add(use.Weight)) continue;
            var depth = flow.Depth(use.Consumer);
            if (!byDepth.TryGetValue(depth, out var weights)) byDepth.Add(depth, weights = []);
            weights.Add(use.Weight);
        }
        return [.. byDepth.Values.Select((weights, index) => new Layer(index, weights))];
    }
}
