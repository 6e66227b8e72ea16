using Attune.Engines;
using Attune.Graphs;
using Attune.Options;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>Decides which weights train, at which rate, with which decay and pull.</summary>
public static class TrainableSelection
{
    /// <summary>The trainable weights of a graph in store order.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="method">Frozen layers and layer-wise rates.</param>
    /// <param name="weightDecay">Decay of matrices; biases, norms and embedding tables have none (as the Hugging Face Trainer groups them, embeddings besides).</param>
    /// <param name="l2Sp">Pull towards the present weights; 0 is off.</param>
    /// <param name="fresh">Weights that were just made and have nothing to be pulled to.</param>
    /// <exception cref="OptionsException">Nothing would train.</exception>
    public static IReadOnlyList<TrainableWeight> Select(Graph graph, MethodOptions method, double weightDecay, double l2Sp, IReadOnlySet<string> fresh)
    {
        var layers = Layer.Of(graph);
        var first = method.Name == "head" ? layers.Count - 1 : method.FreezeLayers;
        if (first >= layers.Count && layers.Count > 0)
            throw new OptionsException($"method.freeze-layers: {method.FreezeLayers} would freeze all {layers.Count} layers of the model; at most {layers.Count - 1} can be frozen.");
        var tables = graph.Nodes.Where(n => n.Operator == "Gather").Select(n => n.Inputs[0]).ToHashSet(StringComparer.Ordinal);
        var scale = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var layer in layers.Skip(first))
        {
            foreach (var name in layer.Weights) scale[name] = Math.Pow(method.LayerRateDecay, layers.Count - 1 - layer.Index);
        }
        var selected = new List<TrainableWeight>();
        foreach (var weight in graph.Weights.All)
        {
            if (weight.Role != WeightRole.Parameter || !scale.TryGetValue(weight.Name, out var rate)) continue;
            var decays = weight.Value.Sizes.Count >= 2 && !tables.Contains(weight.Name);
            selected.Add(new TrainableWeight(weight.Name, rate, decays ? weightDecay : 0, fresh.Contains(weight.Name) ? 0 : l2Sp));
        }
        if (selected.Count == 0) throw new OptionsException("method: The model has no weight that can train.");
        return selected;
    }
}
