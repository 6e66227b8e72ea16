using Attune.Graphs;

namespace Attune.Runs;

/// <summary>Makes one vector a text of an encoder's token outputs.</summary>
internal static class TextPooling
{
    /// <summary>An encoder whose output is [B, T, D] gets the mean over real tokens behind it, [B, D]; others stay.</summary>
    public static Graph Pool(Graph network)
    {
        var output = network.Outputs[0];
        if ((ShapeInference.Infer(network).TryGetValue(output.Name, out var known) ? known.Shape : output.Shape) is not { Rank: 3 } shape) return network;
        if (network.Inputs.FirstOrDefault(i => i.Name.Contains("mask", StringComparison.OrdinalIgnoreCase)) is not { } mask)
            throw new WeightsException($"The encoder's output '{output.Name}' {shape} has a vector for each token, and no input says which tokens are padding. Name a value with one vector a text by --head-at (attune inspect MODEL).");
        var g = new GraphBuilder(network);
        var weights = g.Node("Unsqueeze", [g.Node("Cast", [new(mask.Name)], Attributes.Of(("to", (long)DataType.Float))), g.Constant("pool.axis", Tensor.Of([2L], 1))]);   // [B, T, 1]
        var time = g.Constant("pool.time", Tensor.Of([1L], 1));
        var sum = g.Node("ReduceSum", [g.Mul(new(output.Name), weights), time], Attributes.Of(("keepdims", 0L)));   // [B, D]
        var count = g.Node("Max", [g.Node("ReduceSum", [weights, time], Attributes.Of(("keepdims", 0L))), g.Constant("pool.least", Tensor.Of([1e-9f]))]);   // [B, 1]
        g.Output(g.Node("Div", [sum, count]), g.IsTaken("pooled") ? "pooled_text" : "pooled", DataType.Float, new Shape(shape[0], shape[2]));
        return g.Build() with { Metadata = network.Metadata };
    }
}
