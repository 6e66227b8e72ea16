using Attune.Encoding;
using Attune.Graphs;

namespace Attune.Models.Text;

/// <summary>The tokens that a head reads, where not all have an output.</summary>
public static class TokenSelection
{
    /// <summary>Appends the input <c>selected</c>, int64 [U], and the vectors of those places, [U, D].</summary>
    /// <param name="graph">The graph under construction.</param>
    /// <param name="tokens">Vectors of all tokens, [B, T, D].</param>
    /// <param name="width">D.</param>
    public static Value Append(GraphBuilder graph, Value tokens, int width)
    {
        var selected = graph.Input(TextSettings.SelectedName, DataType.Int64, new Shape("U"));
        return graph.Node("Gather", [graph.Reshape(tokens, -1, width), selected], Attributes.Of(("axis", 0L)));
    }
}
