using Attune.Graphs.Operators;

namespace Attune.Graphs.Rewrites;

/// <summary>
/// Finds operators that an exporter wrote out in small ones and puts them back: LayerNormalization, RMSNormalization, Gelu, HardSwish, Attention.
/// Results stay the same up to rounding, weights keep their names, subgraphs are left alone. BatchNormalization is never merged into Conv here
/// (see <see cref="BatchNormFolding"/>).
/// </summary>
public static class PatternFusion
{
    /// <summary>The graph with every match rewritten; the same graph when there is none.</summary>
    public static Graph Run(Graph graph)
    {
        var edit = new GraphEdit(graph);
        NormalizationFusion.Run(edit);
        ActivationFusion.Run(edit);
        if (OperatorCatalog.Find("", "Attention") is not null) AttentionFusion.Run(edit);
        return edit.Build();
    }
}
