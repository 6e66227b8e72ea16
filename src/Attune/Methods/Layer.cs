using Attune.Graphs;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>
/// A group of weights at one depth: a weight-bearing node (Gemm, MatMul, Conv, …) with the norms and biases that follow it; embedding tables side by side are one layer.
/// </summary>
/// <param name="Index">0 is nearest to the input.</param>
/// <param name="Weights">Canonical names of its parameters and buffers.</param>
public sealed record Layer(int Index, IReadOnlyList<string> Weights)
{
    /// <summary>The layers of a graph in depth order.</summary>
    public static IReadOnlyList<Layer> Of(Graph graph)
    {
        var layers = new List<List<string>>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var lastWasEmbedding = false;
        foreach (var node in graph.Nodes)
        {
            var weights = node.Inputs
                .Where(i => i.Length > 0 && graph.Weights.TryGet(i, out var w) && w.Role != WeightRole.Constant)
                .Select(i => graph.Weights[i].Name).Where(seen.Add).ToList();
            if (weights.Count == 0) continue;
            var embedding = node.Operator == "Gather";
            var joins = layers.Count > 0 && (embedding ? lastWasEmbedding : IsFollower(node));
            if (joins) layers[^1].AddRange(weights);
            else layers.Add(weights);
            lastWasEmbedding = embedding;
        }
        return [.. layers.Select((weights, index) => new Layer(index, weights))];
    }

    private static bool IsFollower(Node node) => node.Operator is "Add" or "Mul" or "Sub" or "Div" or "PRelu" || node.Operator.EndsWith("Normalization", StringComparison.Ordinal);
}
