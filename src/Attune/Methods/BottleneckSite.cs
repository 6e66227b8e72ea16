using Attune.Graphs;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>The place behind a sublayer of a transformer, in front of the sum with what goes around it, where a bottleneck adapter stands.</summary>
/// <param name="Sum">The Add of the sublayer's output and its input.</param>
/// <param name="Slot">Which of its two inputs is the sublayer's output.</param>
/// <param name="Use">The projection that makes that output.</param>
/// <param name="IsAttention">True behind attention, false behind a feed-forward layer.</param>
/// <param name="Width">D of [.., D].</param>
internal sealed record BottleneckSite(Node Sum, int Slot, WeightUse Use, bool IsAttention, int Width)
{
    // What may stand between a projection and the sum without changing which axis is the width.
    private static readonly HashSet<string> _passing = new(StringComparer.Ordinal) { "Cast", "Dropout", "Identity" };

    private static readonly HashSet<string> _attention = new(StringComparer.Ordinal) { "Attention", "GroupQueryAttention", "MultiHeadAttention", "Softmax" };

    /// <summary>Name of the projection: that of its weight without its ending.</summary>
    public string Stem => Use.Weight.EndsWith(".weight", StringComparison.Ordinal) ? Use.Weight[..^".weight".Length] : Use.Weight;

    /// <summary>The sublayer's output.</summary>
    public string Value => Sum.Inputs[Slot];

    /// <summary>The places of a network, in node order. A sublayer is what leads from one input of an Add to the other and ends in a linear layer.</summary>
    public static IReadOnlyList<BottleneckSite> Of(NetworkStructure structure)
        => [.. structure.Graph.Nodes.Where(n => n is { Operator: "Add", Inputs.Count: 2 } && n.Inputs.All(structure.Flow.IsData)).Select(n => At(structure, n, 0) ?? At(structure, n, 1)).OfType<BottleneckSite>()];

    private static BottleneckSite? At(NetworkStructure structure, Node sum, int slot)
    {
        var flow = structure.Flow;
        if (ProjectionOf(flow, sum.Inputs[slot]) is not { } use || MatrixOrientation.Of(use, structure.Graph.Weights[use.Weight].Value) is not { } outputsFirst) return null;
        if (Between(flow, sum.Inputs[1 - slot], sum.Inputs[slot]) is not { } sublayer) return null;
        return new BottleneckSite(sum, slot, use, sublayer.Any(n => _attention.Contains(n.Operator)), (int)structure.Graph.Weights[use.Weight].Value.Sizes[outputsFirst ? 0 : 1]);
    }

    private static WeightUse? ProjectionOf(GraphFlow flow, string value)
    {
        var node = flow.Writer(value);
        while (node is not null && (_passing.Contains(node.Operator) || (node.Operator is "Add" or "Mul" && flow.UsesOf(node) is [{ Kind: WeightKind.Bias or WeightKind.Scale }])))
            node = flow.Writer(node.Inputs.FirstOrDefault(flow.IsData));
        return node is null || node.Operator is not ("Gemm" or "MatMul") ? null : flow.UsesOf(node).FirstOrDefault(u => u.Kind == WeightKind.Matrix);
    }

    // The nodes behind `from` that lead to `to`; null when none does.
    private static HashSet<Node>? Between(GraphFlow flow, string from, string to)
    {
        var (seen, open, reaches) = (new HashSet<Node>(ReferenceEqualityComparer.Instance), new Stack<string>([to]), false);
        while (open.TryPop(out var value))
        {
            if (value == from) reaches = true;
            else if (flow.Writer(value) is { } node && flow.IsData(value) && seen.Add(node)) foreach (var read in GraphSort.Reads(node)) open.Push(read);
        }
        return reaches ? seen : null;
    }
}
