using Attune.Graphs;
using Attune.Graphs.Operators;
using Attune.Weights;

namespace Attune.Engines.Torch;

/// <summary>
/// A graph cut in two: the part that depends on the inputs and that no trainable weight reaches, and the rest. The first gives the same values for a row in every epoch,
/// so they are computed once.
/// </summary>
/// <param name="Prefix">From the graph's inputs to the boundary.</param>
/// <param name="Suffix">From the boundary (and inputs that are read behind it) to the output.</param>
/// <param name="Boundary">Names of the values between the two, all real and batch-first.</param>
/// <param name="RowShapes">Sizes of one row of each boundary value.</param>
internal sealed record FrozenPrefix(Graph Prefix, Graph Suffix, IReadOnlyList<string> Boundary, IReadOnlyList<long[]> RowShapes)
{
    // A prefix without any of these costs less than reading its values back.
    private static readonly HashSet<string> Heavy = new(StringComparer.Ordinal) { "Attention", "Conv", "ConvTranspose", "Einsum", "GRU", "Gemm", "LSTM", "MatMul", "RNN" };

    /// <summary>Cuts a graph; null with a reason when there is nothing to gain, or when the cut would change results.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="output">The value that is trained on.</param>
    /// <param name="trainable">Canonical names of the weights that train.</param>
    /// <param name="freezesBatchNorm">Whether BatchNormalization uses its running statistics in training.</param>
    /// <param name="reason">"" or why there is no prefix.</param>
    public static FrozenPrefix? Of(Graph graph, string output, IReadOnlySet<string> trainable, bool freezesBatchNorm, out string reason)
    {
        var nodes = TorchPlanBuilder.NeededNodes(graph, [output]);
        var trained = new HashSet<string>(StringComparer.Ordinal);     // values that a trainable weight reaches
        var dataDependent = graph.Inputs.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        var (prefix, suffix) = (new List<Node>(), new List<Node>());
        foreach (var node in nodes)
        {
            var reads = GraphSort.Reads(node).ToList();
            var learns = reads.Any(r => trained.Contains(r) || (graph.Weights.TryGet(r, out var weight) && trainable.Contains(weight.Name)));
            var depends = reads.Any(dataDependent.Contains);
            if (depends) dataDependent.UnionWith(node.Outputs);
            if (learns) trained.UnionWith(node.Outputs);
            (learns || !depends ? suffix : prefix).Add(node);
        }
        reason = "";
        if (!prefix.Any(n => Heavy.Contains(n.Operator))) reason = "everything behind the input trains";
        else if (suffix.Count == 0) reason = "nothing trains";
        else if (!freezesBatchNorm && prefix.Any(n => n.Operator == "BatchNormalization")) reason = "BatchNormalization in it moves";
        if (reason.Length > 0) return null;

        var made = prefix.SelectMany(n => n.Outputs).Where(o => o.Length > 0).ToHashSet(StringComparer.Ordinal);
        var boundary = suffix.SelectMany(GraphSort.Reads).Append(output).Where(made.Contains).Distinct().ToList();
        // What is computed from weights alone (a transposed or dequantized matrix) belongs to whichever side reads it, and to both when both do.
        prefix = TorchPlanBuilder.NeededNodes(graph, boundary);
        suffix = TorchPlanBuilder.NeededNodes(graph with { Nodes = suffix }, [output]);
        var known = ShapeInference.Infer(graph);
        var batch = graph.Inputs.Select(i => i.Shape is { Rank: > 0 } shape ? shape[0].Symbol : null).FirstOrDefault(s => s is not null);
        var rows = new List<long[]>();
        foreach (var name in boundary)
        {
            var shape = known[name].Shape;
            var sizes = shape is { Rank: > 0 } && batch is not null && shape[0].Symbol == batch ? new Shape([.. shape.Dimensions.Skip(1)]).Known() : null;
            if (sizes is null || known[name].Type != DataType.Float)
            {
                reason = $"'{name}' at its boundary is {known[name].Type}{shape}, not real numbers of a fixed size per row";
                return null;
            }
            rows.Add(sizes);
        }
        var values = boundary.Select((name, i) => new ValueInfo(name, DataType.Float, new Shape([batch!, .. rows[i].Select(s => (Dimension)s)]))).ToList();
        return new FrozenPrefix(
            graph with { Nodes = prefix, Inputs = TorchModel.InputsOf(graph, prefix), Outputs = values },
            graph with { Nodes = suffix, Inputs = [.. values, .. TorchModel.InputsOf(graph, suffix)] },
            boundary, rows);
    }

    /// <summary>Boundary numbers of one row.</summary>
    public long RowWidth => RowShapes.Sum(s => Tensor.Product(s));

    /// <summary>Parameters that only the prefix uses.</summary>
    public long Parameters => Prefix.Nodes.SelectMany(GraphSort.Reads).Distinct().Where(Prefix.Weights.Contains).Select(n => Prefix.Weights[n]).Where(w => w.Role == WeightRole.Parameter).DistinctBy(w => w.Name).Sum(w => w.Count);
}
