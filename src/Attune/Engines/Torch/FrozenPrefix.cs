using Attune.Graphs;
using Attune.Graphs.Operators;
using Attune.Weights;

namespace Attune.Engines.Torch;

/// <summary>
/// A graph cut in two: the part that depends on the inputs and that no trainable weight reaches, and the rest. The first gives the same values for a row in every epoch,
/// so they are computed once. What costs nothing (masks, shapes) is not kept but computed again.
/// </summary>
/// <param name="Prefix">From the graph's inputs to the boundary.</param>
/// <param name="Suffix">From the boundary (and inputs that are read behind it) to the output.</param>
/// <param name="Boundary">The values between the two, all real.</param>
internal sealed record FrozenPrefix(Graph Prefix, Graph Suffix, IReadOnlyList<BoundaryValue> Boundary)
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
        var costly = new HashSet<string>(StringComparer.Ordinal);      // values behind a heavy node
        var writers = new Dictionary<string, Node>(StringComparer.Ordinal);
        var (prefix, suffix) = (new List<Node>(), new HashSet<Node>());
        foreach (var node in nodes)
        {
            var reads = GraphSort.Reads(node).ToList();
            var learns = reads.Any(r => trained.Contains(r) || (graph.Weights.TryGet(r, out var weight) && trainable.Contains(weight.Name)));
            var depends = reads.Any(dataDependent.Contains);
            if (depends) dataDependent.UnionWith(node.Outputs);
            if (learns) trained.UnionWith(node.Outputs);
            if (depends && (Heavy.Contains(node.Operator) || reads.Any(costly.Contains))) costly.UnionWith(node.Outputs);
            foreach (var value in node.Outputs) writers[value] = node;
            if (learns || !depends) suffix.Add(node);
            else prefix.Add(node);
        }
        reason = "";
        if (!prefix.Any(n => Heavy.Contains(n.Operator))) reason = "everything behind the input trains";
        else if (suffix.Count == 0) reason = "nothing trains";
        else if (!freezesBatchNorm && prefix.Any(n => n.Operator == "BatchNormalization")) reason = "BatchNormalization in it moves";
        if (reason.Length > 0) return null;

        var made = prefix.SelectMany(n => n.Outputs).Where(o => o.Length > 0).ToHashSet(StringComparer.Ordinal);
        // Masks and shapes are computed on both sides.
        var open = new Stack<Node>(suffix);
        while (open.TryPop(out var node))
        {
            foreach (var value in GraphSort.Reads(node).Where(v => made.Contains(v) && !costly.Contains(v)))
            {
                if (suffix.Add(writers[value])) open.Push(writers[value]);
            }
        }
        var boundary = nodes.Where(suffix.Contains).SelectMany(GraphSort.Reads).Append(output).Where(v => made.Contains(v) && costly.Contains(v)).Distinct().ToList();
        // What is computed from weights alone (a transposed or dequantized matrix) belongs to whichever side reads it, and to both when both do.
        prefix = TorchPlanBuilder.NeededNodes(graph, boundary);
        var rest = TorchPlanBuilder.NeededNodes(graph with { Nodes = [.. nodes.Where(suffix.Contains)] }, [output]);
        var values = new List<BoundaryValue>();
        var inputs = new List<ValueInfo>();
        var known = ShapeInference.Infer(graph);
        foreach (var name in boundary)
        {
            if (Describe(graph, name, known[name]) is not { } value)
            {
                reason = $"'{name}' at its boundary is {known[name].Type}{known[name].Shape}, not real numbers of a fixed size per row or token";
                return null;
            }
            values.Add(value);
            inputs.Add(new ValueInfo(name, DataType.Float, known[name].Shape));
        }
        return new FrozenPrefix(
            graph with { Nodes = prefix, Inputs = TorchModel.InputsOf(graph, prefix), Outputs = inputs },
            graph with { Nodes = rest, Inputs = [.. inputs, .. TorchModel.InputsOf(graph, rest)] },
            values);
    }

    /// <summary>Parameters that only the prefix uses.</summary>
    public long Parameters => Prefix.Nodes.SelectMany(GraphSort.Reads).Distinct().Where(Prefix.Weights.Contains).Select(n => Prefix.Weights[n]).Where(w => w.Role == WeightRole.Parameter).DistinctBy(w => w.Name).Sum(w => w.Count);

    private static BoundaryValue? Describe(Graph graph, string name, ValueInfo known)
    {
        if (known.Type != DataType.Float || known.Shape is not { Rank: > 0 } shape || shape[0].Symbol is not { } first) return null;
        var whole = graph.Inputs.FirstOrDefault(i => i.Shape is { Rank: > 1 } s && s[0].Symbol == first);
        if (graph.Inputs.Any(i => i.Shape is { Rank: 1 } s && s[0].Symbol == first) && whole is null)
            return Rest(1) is { } chosen ? new BoundaryValue(name, BoundaryUnit.Selected, chosen) : null;
        if (whole is null && !graph.Inputs.Any(i => i.Shape is { Rank: > 0 } s && s[0].Symbol == first)) return null;
        if (Rest(1) is { } perRow) return new BoundaryValue(name, BoundaryUnit.Sequence, perRow);
        var isTokens = shape.Rank > 1 && shape[1].Symbol is { } time && graph.Inputs.Any(i => i.Shape is { Rank: 2 } s && s[0].Symbol == first && s[1].Symbol == time);
        return isTokens && Rest(2) is { } perToken ? new BoundaryValue(name, BoundaryUnit.Token, perToken) : null;

        long[]? Rest(int from) => new Shape([.. shape.Dimensions.Skip(from)]).Known();
    }
}
