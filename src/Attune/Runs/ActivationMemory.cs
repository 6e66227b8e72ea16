using Attune.Graphs;

namespace Attune.Runs;

/// <summary>How much memory a training pass keeps for its backward pass, estimated from shapes.</summary>
internal static class ActivationMemory
{
    private const double Most = 1.5e9;

    /// <summary>Bytes a row: four for each element of every value that depends on a trainable weight. Values of unknown shape count nothing.</summary>
    /// <param name="network">The network that trains; its first input takes the rows.</param>
    /// <param name="trainable">Names of the weights that train.</param>
    /// <param name="rowShape">Shape of a row, without the batch axis.</param>
    public static double BytesPerRow(Graph network, IReadOnlySet<string> trainable, IReadOnlyList<long> rowShape)
    {
        var input = network.Inputs[0] with { Shape = Shape.Of([1, .. rowShape]) };
        var shapes = ShapeInference.Infer(network with { Inputs = [input, .. network.Inputs.Skip(1)] });
        var reached = new HashSet<string>(trainable, StringComparer.Ordinal);
        foreach (var weight in network.Weights.All.Where(w => trainable.Contains(w.Name))) reached.UnionWith(weight.Aliases);
        var elements = 0.0;
        foreach (var node in network.Nodes.Where(n => n.Inputs.Any(reached.Contains)))
        {
            foreach (var output in node.Outputs.Where(o => o.Length > 0))
            {
                reached.Add(output);
                if (shapes.GetValueOrDefault(output)?.Shape?.Known() is { } sizes) elements += sizes.Aggregate(1.0, (product, size) => product * size);
            }
        }
        return sizeof(float) * elements;
    }

    /// <summary>The batch, halved until its activations stay below 1.5 GB; at least one row.</summary>
    /// <param name="bytesPerRow">Of <see cref="BytesPerRow"/>.</param>
    /// <param name="batch">Rows of a step.</param>
    public static int RowsThatFit(double bytesPerRow, int batch)
    {
        while (batch > 1 && batch * bytesPerRow > Most) batch = (batch + 1) / 2;
        return batch;
    }
}
