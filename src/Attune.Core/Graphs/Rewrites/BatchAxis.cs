namespace Attune.Graphs.Rewrites;

/// <summary>
/// Frees a graph that was exported for a fixed number of rows: axis 0 of the inputs becomes the symbol <c>N</c>, and the constants that carry the
/// old number (Reshape and Expand targets, sizes of Resize and ConstantOfShape, parts of Concat) are rewritten to follow it.
/// <para>The rewrite follows shapes: it infers them for the old number of rows and for a multiple of it, and changes a node where the two do not
/// fit. It cannot see an operator that mixes rows of equal shape; whoever trains compares rows alone with rows in a batch.</para>
/// </summary>
public static class BatchAxis
{
    /// <summary>Rows the trial run has for every row of the file.</summary>
    private const int Factor = 7;

    /// <summary>The graph for any number of rows, or why that is not possible.</summary>
    /// <param name="graph">A valid graph.</param>
    /// <param name="symbol">Name of the axis. Default N.</param>
    public static BatchAxisResult MakeSymbolic(Graph graph, string symbol = "N")
    {
        var inputs = graph.Inputs.Where(i => i.Shape is { Rank: > 0 }).ToList();
        if (inputs.Count < graph.Inputs.Count) return Fixed(graph, null, $"input '{graph.Inputs.First(i => i.Shape is not { Rank: > 0 }).Name}' has no batch axis");
        var sizes = inputs.Where(i => i.Shape![0].Size is not null).Select(i => i.Shape![0].Size!.Value).Distinct().ToList();
        if (sizes.Count == 0) return new BatchAxisResult(graph, [], null, null);
        if (sizes.Count > 1) return Fixed(graph, null, $"the inputs start with different sizes ({string.Join(", ", sizes)}), so axis 0 is not a batch axis");
        if (inputs.FirstOrDefault(i => i.Shape![0].Symbol is not null)?.Shape![0].Symbol is { } known) symbol = known;
        var run = new BatchAxisRewrite(graph, sizes[0], Factor);
        if (run.Rewrite() is { } problem) return Fixed(graph, sizes[0], problem);

        var result = run.Result with
        {
            Inputs = [.. graph.Inputs.Select(i => WithBatch(i, symbol))],
            Outputs = [.. graph.Outputs.Select(o => WithBatch(o, symbol))],
        };
        var problems = GraphValidator.Validate(result);
        if (problems.Count > 0) return Fixed(graph, sizes[0], problems[0]);
        return new BatchAxisResult(result, [.. graph.Inputs.Where(i => i.Shape![0].Size is not null).Select(i => $"Input '{i.Name}' {i.Shape} takes {WithBatch(i, symbol).Shape}."), .. run.Changes], null, null);
    }

    private static ValueInfo WithBatch(ValueInfo value, string symbol)
        => value.Shape is { Rank: > 0 } shape ? value with { Shape = new Shape([symbol, .. shape.Dimensions.Skip(1)]) } : value;

    private static BatchAxisResult Fixed(Graph graph, long? size, string reason) => new(graph, [], size, reason);
}
