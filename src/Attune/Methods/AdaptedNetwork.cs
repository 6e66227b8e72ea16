using Attune.Graphs;

namespace Attune.Methods;

/// <summary>A base network with an adapter beside its weights.</summary>
/// <param name="Base">The network before, whole weights of the adapter (a head, biases) not in it.</param>
/// <param name="Graph">The same computation with the adapter; its weights have the names of the adapter's file without PEFT's prefix.</param>
/// <param name="Trainable">Names of the adapter's weights: those that were added, and those of the base that it holds whole.</param>
public sealed record AdaptedNetwork(Graph Base, Graph Graph, IReadOnlyList<string> Trainable)
{
    private readonly Func<Graph, (Graph Graph, double Rounding)> _merge = trained => (trained, 0);

    internal AdaptedNetwork(Graph original, Graph graph, IReadOnlyList<string> trainable, IReadOnlyDictionary<string, string> adapts, Func<Graph, (Graph Graph, double Rounding)> merge)
        : this(original, graph, trainable) => (_merge, Adapts) = (merge, adapts);

    /// <summary>Weights that were added → the weight that they adapt.</summary>
    internal IReadOnlyDictionary<string, string> Adapts { get; } = new Dictionary<string, string>();

    /// <summary>The plain network of the base's shape: the adapter merged into its weights.</summary>
    /// <param name="trained"><see cref="Graph"/>, or the same with other weights.</param>
    /// <param name="rounding">Largest difference between a merged value and the exact one.</param>
    public Graph Merge(Graph trained, out double rounding)
    {
        (var merged, rounding) = _merge(trained);
        return merged;
    }
}
