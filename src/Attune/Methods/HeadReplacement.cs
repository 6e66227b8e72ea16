using Attune.Graphs;
using Attune.Models;

namespace Attune.Methods;

/// <summary>Gives a network a new last layer for another set of classes; everything below keeps its weights.</summary>
public static class HeadReplacement
{
    /// <summary>The graph with a fresh head of <paramref name="outputs"/> outputs, and the names of the fresh weights.</summary>
    /// <param name="graph">A network whose output is made by one Gemm.</param>
    /// <param name="outputs">New number of outputs.</param>
    /// <param name="seed">Seed of the fresh weights.</param>
    /// <exception cref="WeightsException">The output is not made by a Gemm with weights of its own.</exception>
    public static (Graph Graph, IReadOnlySet<string> Fresh) Replace(Graph graph, int outputs, ulong seed)
    {
        var output = graph.Outputs[0];
        var producer = graph.Nodes.LastOrDefault(n => n.Outputs.Contains(output.Name, StringComparer.Ordinal));
        while (producer is { Operator: "Identity" }) producer = graph.Nodes.LastOrDefault(n => n.Outputs.Contains(producer.Inputs[0], StringComparer.Ordinal));
        if (producer is not { Operator: "Gemm" } head || !graph.Weights.TryGet(head.Inputs[1], out var weight))
            throw new WeightsException($"The head cannot be replaced: output '{output.Name}' is made by {producer?.Operator ?? "nothing"}, not by a Gemm with weights.");

        var transposed = head.Attributes.Int("transB") == 1;
        var width = (int)weight.Value.Sizes[transposed ? 1 : 0];
        var body = graph with
        {
            Nodes = [.. graph.Nodes.TakeWhile(n => n != head)],
            Weights = new([.. graph.Weights.All.Where(w => !head.Inputs.Contains(w.Name, StringComparer.Ordinal))]),
        };
        var g = new GraphBuilder(body);
        var logits = Mlp.Linear(g, new Value(head.Inputs[0]), Mlp.Head, width, outputs, gain: 1, seed);
        g.Output(logits, output.Name, DataType.Float, new Shape("B", outputs));
        return (g.Build(), new HashSet<string>([Mlp.Head + ".weight", Mlp.Head + ".bias"], StringComparer.Ordinal));
    }
}
