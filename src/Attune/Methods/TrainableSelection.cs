using Attune.Engines;
using Attune.Graphs;
using Attune.Options;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>Decides which weights train, at which rate, with which decay and pull.</summary>
public sealed class TrainableSelection
{
    private readonly NetworkStructure _structure;
    private readonly MethodOptions _options;
    private readonly IReadOnlyDictionary<string, string> _adapts;
    private readonly Dictionary<string, int> _layerOf = new(StringComparer.Ordinal);

    /// <summary>What a method chose, narrowed and widened by patterns and frozen layers.</summary>
    internal TrainableSelection(NetworkStructure structure, MethodOptions options, MethodSelection selection, IReadOnlySet<string> fresh)
    {
        (_structure, _options, _adapts, Graph) = (structure, options, selection.Adapts, selection.Graph);
        foreach (var layer in structure.Layers)
        {
            foreach (var weight in layer.Weights) _layerOf[weight] = layer.Index;
        }
        var layers = structure.Layers.Count;
        if (options.FreezeLayers >= layers && layers > 0)
            throw new OptionsException($"method.freeze-layers: {options.FreezeLayers} would freeze all {layers} layers of the model; at most {layers - 1} can be frozen.");
        Trains = [.. selection.Trains.Where(w => Graph.Weights[w].Role == WeightRole.Parameter)];
        if (options.Train.Count > 0)
        {
            var matched = Match(options.Train, "method.train", promotes: true);
            if (options.Name == "full") Trains.IntersectWith(fresh);
            Trains.UnionWith(matched);
        }
        var frozen = Match(options.Freeze, "method.freeze", promotes: false);
        if (fresh.Where(frozen.Contains).ToList() is { Count: > 0 } kept)
            throw new OptionsException($"method.freeze: would freeze {NearestName.Preview(kept)}, which were just made and would stay random. Leave them out of the pattern.");
        Trains.RemoveWhere(w => frozen.Contains(w) || frozen.Contains(BaseOf(w)) || _layerOf.GetValueOrDefault(BaseOf(w), layers) < options.FreezeLayers);
        if (Trains.Count == 0) throw new OptionsException("method: The model has no weight that can train.");
    }

    /// <summary>The graph that trains.</summary>
    internal Graph Graph { get; }

    /// <summary>Canonical names of the weights that train.</summary>
    internal HashSet<string> Trains { get; }

    /// <summary>The trainable weights of a graph in store order; see <see cref="MethodPlan.For"/>.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="method">The method, frozen layers and layer-wise rates.</param>
    /// <param name="weightDecay">Decay of matrices; biases, norms and embedding tables have none (as the Hugging Face Trainer groups them, embeddings besides).</param>
    /// <param name="l2Sp">Pull towards the present weights; 0 is off.</param>
    /// <param name="fresh">Weights that were just made and have nothing to be pulled to.</param>
    /// <exception cref="OptionsException">Nothing would train.</exception>
    public static IReadOnlyList<TrainableWeight> Select(Graph graph, MethodOptions method, double weightDecay, double l2Sp, IReadOnlySet<string> fresh)
        => MethodPlan.For(graph, method, weightDecay, l2Sp, fresh).Trainable;

    /// <summary>The weight that an added weight adapts; others are their own.</summary>
    internal string BaseOf(string weight) => _adapts.GetValueOrDefault(weight, weight);

    /// <summary>Rates, decay, pull and first step of everything that trains.</summary>
    internal IReadOnlyList<TrainableWeight> Weights(double weightDecay, double l2Sp, IReadOnlySet<string> fresh, IReadOnlyDictionary<string, long> firstSteps)
    {
        var decays = new GraphFlow(Graph).Uses.GroupBy(u => u.Weight).Where(g => g.Any(u => u.Kind == WeightKind.Matrix) && !g.Any(u => u.Kind == WeightKind.Table)).Select(g => g.Key).ToHashSet(StringComparer.Ordinal);
        return [.. Graph.Weights.All.Where(w => Trains.Contains(w.Name)).Select(w => new TrainableWeight(
            w.Name,
            Math.Pow(_options.LayerRateDecay, _structure.LevelBelowHead(BaseOf(w.Name))),
            decays.Contains(w.Name) ? weightDecay : 0,
            fresh.Contains(w.Name) ? 0 : l2Sp)
        { FirstStep = firstSteps.GetValueOrDefault(w.Name) })];
    }

    // By weight name, alias or consumer's name. A constant is promoted only where a pattern names it exactly.
    private HashSet<string> Match(IReadOnlyList<string> patterns, string option, bool promotes)
    {
        var matched = new HashSet<string>(StringComparer.Ordinal);
        if (patterns.Count == 0) return matched;
        var consumers = _structure.Uses.Concat(new GraphFlow(Graph).Uses).ToLookup(u => u.Weight, u => u.Consumer.Name, StringComparer.Ordinal);
        foreach (var pattern in patterns)
        {
            var fits = Graph.Weights.All.Where(w => w.Aliases.Prepend(w.Name).Concat(consumers[w.Name]).Any(n => NamePatterns.Fits(pattern, n))).ToList();
            var parameters = fits.Where(w => w.Role == WeightRole.Parameter).Select(w => w.Name).ToList();
            if (parameters.Count == 0 && promotes && NamePatterns.IsExact(pattern) && fits is [{ Role: WeightRole.Constant } constant] && constant.Value.Type.IsFloating()) parameters = [constant.Name];
            if (parameters.Count == 0) throw NamePatterns.Unmatched(option, pattern, _structure.Uses.SelectMany(u => new[] { u.Weight, u.Consumer.Name }));
            matched.UnionWith(parameters);
        }
        return matched;
    }
}
