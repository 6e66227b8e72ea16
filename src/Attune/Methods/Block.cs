using Attune.Graphs;

namespace Attune.Methods;

/// <summary>
/// A segment that a network repeats, as people count them: a residual block (<c>layer1.0</c>), an encoder layer (<c>encoder.layer.5</c>), an inverted bottleneck
/// (<c>features.3</c>). Found by numbered prefixes of weight or node names where these carry it, else from the graph's repeating shape; a network without repetition
/// counts its layers instead, the head left out.
/// </summary>
/// <param name="Index">0 is nearest to the input.</param>
/// <param name="Name">The prefix, or the name of the segment's first node.</param>
/// <param name="Weights">Canonical names of its parameters and buffers.</param>
public sealed record Block(int Index, string Name, IReadOnlyList<string> Weights)
{
    /// <summary>Least depth of its nodes with matrices.</summary>
    internal int Start { get; init; }

    /// <summary>The blocks of a graph from input to output; stem, transitions and head belong to none.</summary>
    public static IReadOnlyList<Block> Of(Graph graph) => NetworkStructure.Of(graph).Blocks;
}
