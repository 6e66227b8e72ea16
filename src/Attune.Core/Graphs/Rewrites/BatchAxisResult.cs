namespace Attune.Graphs.Rewrites;

/// <summary>What <see cref="BatchAxis.MakeSymbolic"/> did.</summary>
/// <param name="Graph">The graph with a symbolic batch axis; the graph as it was when that failed.</param>
/// <param name="Changes">One sentence for each input and node that was rewritten; empty when the batch was symbolic before.</param>
/// <param name="FixedSize">Rows that the file takes at once when the axis stays fixed; null when any number of rows can be given.</param>
/// <param name="Reason">Why the axis stays fixed; null when it does not.</param>
public sealed record BatchAxisResult(Graph Graph, IReadOnlyList<string> Changes, long? FixedSize, string? Reason)
{
    /// <summary>True when any number of rows can be given.</summary>
    public bool IsSymbolic => Reason is null;
}
