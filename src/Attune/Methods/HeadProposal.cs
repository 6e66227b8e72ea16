using Attune.Graphs;

namespace Attune.Methods;

/// <summary>A value at which a network could get a new head.</summary>
/// <param name="Value">Its name, for <c>model.head-at</c>.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Why">What speaks for it.</param>
public sealed record HeadProposal(string Value, Shape Shape, string Why)
{
    private const int Most = 6;

    /// <summary>Values that a head could read, the best first: the input of the present head, then pooled features, then the last values of known width before the output.</summary>
    public static IReadOnlyList<HeadProposal> For(Graph graph, string? output = null)
    {
        var values = ShapeInference.Infer(graph);
        var flow = new GraphFlow(graph);
        var head = GraphHead.TryFind(flow, output, out _);
        var found = new List<HeadProposal>();
        if (head is not null) Add(head.Features, $"input of the present head '{head.Node.Name}'");
        var needed = new HashSet<string>(StringComparer.Ordinal) { output ?? graph.Outputs[0].Name };
        foreach (var node in graph.Nodes.Reverse())
        {
            if (!node.Outputs.Any(needed.Contains) || found.Count >= Most) continue;
            needed.UnionWith(GraphSort.Reads(node));
            // Behind the last linear layer there are only answers, no features.
            if (head is not null ? node == head.Node || node == head.BiasNode || head.Tail.Contains(node) : node.Outputs.Contains(output ?? graph.Outputs[0].Name)) continue;
            if (!flow.IsData(node.Outputs[0]) || !GraphSort.Reads(node).Any(flow.IsData)) continue;
            // Halves of a norm or a variance are no features.
            if (node.Operator is "Pow" or "Sub" or "Sqrt" or "Reciprocal" || node is { Operator: "Mul", Inputs: [var a, var b] } && a == b) continue;
            var why = node.Operator switch
            {
                "GlobalAveragePool" or "GlobalMaxPool" or "ReduceMean" => $"pooled features ({node.Operator})",
                _ => $"output of {node.Operator} '{node.Name}'",
            };
            Add(node.Outputs[0], why);
        }
        return [.. found.Index().OrderBy(p => p.Item.Why.StartsWith("input", StringComparison.Ordinal) ? 0 : p.Item.Why.StartsWith("pooled", StringComparison.Ordinal) ? 1 : 2).ThenBy(p => p.Index).Select(p => p.Item)];

        void Add(string value, string why)
        {
            if (found.Any(p => p.Value == value) || graph.Inputs.Any(i => i.Name == value) || !values.TryGetValue(value, out var info) || WidthOf(info) is not > 1) return;
            found.Add(new HeadProposal(value, info.Shape!, why));
        }
    }

    /// <summary>Width of the features that a head would read from a value; null when it cannot read it.</summary>
    internal static int? WidthOf(ValueInfo value)
    {
        if (!value.Type.IsFloating() || value.Shape is not { Rank: >= 2 and <= 4 } shape) return null;
        var size = shape[shape.Rank == 3 ? 2 : 1].Size;
        return size is >= 1 and <= int.MaxValue ? (int)size : null;
    }
}
