using Attune.Engines;
using Attune.Graphs;
using Attune.Options;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>Everything that tuning a network with a method means: the graph that trains, its trainable weights with rates, decay and first steps, and the way back to a plain graph.</summary>
public sealed record MethodPlan
{
    private Func<Graph, (Graph Graph, double Rounding)>? _merge;

    private Func<PeftForm>? _peft;

    private MethodPlan() { }

    /// <summary>The network before the method, with the weights that it started from.</summary>
    public required Graph Original { get; init; }

    /// <summary>The graph that trains; the original one but for methods that add weights. Names of the original stay.</summary>
    public required Graph Adapted { get; init; }

    /// <summary>What trains, in store order.</summary>
    public required IReadOnlyList<TrainableWeight> Trainable { get; init; }

    /// <summary>True when BatchNormalization keeps its statistics and uses them in training.</summary>
    public required bool FreezeBatchNorm { get; init; }

    /// <summary>True when what lies below the head first learns from pairs of training texts.</summary>
    public required bool LearnsPairsFirst { get; init; }

    /// <summary>Gradual unfreezing from the head down; empty when everything trains from the first step.</summary>
    public required IReadOnlyList<UnfreezingStage> Stages { get; init; }

    /// <summary>Weights that were just made: a new head, adapters. Nothing pulls them to their start.</summary>
    public required IReadOnlySet<string> Fresh { get; init; }

    /// <summary>Weights that the method itself added; they are among <see cref="Fresh"/>.</summary>
    public required IReadOnlyList<string> Added { get; init; }

    /// <summary>True when the method added weights.</summary>
    public bool AddsWeights => Added.Count > 0;

    /// <summary>True when what was added is merged into weights of the original, so that <see cref="Merge(Graph)"/> has work to do; otherwise it stays in the graph.</summary>
    public bool Merges => _merge is not null;

    /// <summary>True when what was added changes nothing before it is trained.</summary>
    public required bool StartsAsBase { get; init; }

    /// <summary>A few lines for people.</summary>
    public required IReadOnlyList<string> Description { get; init; }

    /// <summary>The plan of a network.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="options">The method and its options.</param>
    /// <param name="weightDecay">Decay of matrices; biases, norms, tables and the like have none.</param>
    /// <param name="l2Sp">Pull of weights that are not fresh towards their start; 0 is off.</param>
    /// <param name="fresh">Weights that were just made, such as a new head; they always train.</param>
    /// <param name="seed">Seed of weights that the method makes.</param>
    /// <param name="stepsPerEpoch">Optimizer steps in an epoch, for gradual unfreezing.</param>
    /// <param name="output">The output that is tuned; null for the first. Only what it needs trains.</param>
    /// <param name="adapter">An adapter of the method's kind that is trained on; null for a new one.</param>
    /// <exception cref="OptionsException">The options do not fit the network, or nothing would train.</exception>
    public static MethodPlan For(Graph graph, MethodOptions options, double weightDecay, double l2Sp, IReadOnlySet<string> fresh, ulong seed = 0, long stepsPerEpoch = 1, string? output = null, PeftAdapter? adapter = null)
    {
        var structure = NetworkStructure.Of(graph, output);
        var method = MethodCatalog.Get(options.Name);
        var context = new MethodContext(structure, options, fresh, seed);
        var selection = adapter is null ? method.Select(context) : ContinuedAdapter.Select(context, adapter);
        var chosen = new TrainableSelection(structure, options, selection, fresh);
        var allFresh = new HashSet<string>([.. fresh, .. selection.Adapts.Keys], StringComparer.Ordinal);
        var stages = StagesOf(structure, chosen, options.UnfreezeEvery);
        var firstSteps = stages.SelectMany(s => s.Weights.Select(w => (w, s.FirstEpoch * stepsPerEpoch))).ToDictionary(s => s.w, s => s.Item2, StringComparer.Ordinal);
        var trainable = chosen.Weights(weightDecay, l2Sp, allFresh, firstSteps);
        var frozenNorm = structure.Graph.Nodes.Where(n => n.Operator == "BatchNormalization")
            .Any(n => structure.Flow.UsesOf(n).Any(u => u.Kind is WeightKind.Scale or WeightKind.Shift && !chosen.Trains.Contains(u.Weight)));
        return new MethodPlan
        {
            Original = graph with { Weights = new WeightStore(graph.Weights.All) },   // training replaces entries of its own store
            Adapted = chosen.Graph,
            Trainable = trainable,
            FreezeBatchNorm = method.FreezesBatchNorm || options.FreezeBatchNorm == true || options.FreezeLayers > 0 || frozenNorm || stages.Count > 0,
            LearnsPairsFirst = method.LearnsPairsFirst,
            Stages = stages,
            Fresh = allFresh,
            Added = [.. selection.Adapts.Keys],
            StartsAsBase = selection.StartsAsBase,
            Description = [$"{method.Name}: {(selection.Notes.Count > 0 ? string.Join("; ", selection.Notes) : method.Description)}", .. stages.Select(s => FormattableString.Invariant($"epoch {s.FirstEpoch + 1}: {s.Name} trains ({s.Weights.Count} weights)"))],
            _merge = selection.Merge,
            _peft = selection.Peft,
        };
    }

    /// <summary>The plain graph for trained weights: adapters are merged into the weights they adapt. The graph itself when the method adds nothing, or what it adds stays in the graph.</summary>
    /// <param name="trained"><see cref="Adapted"/> with trained weights in its store.</param>
    public Graph Merge(Graph trained) => Merge(trained, out _);

    /// <summary>The same, with the largest rounding error of a merged value; 0 when nothing was merged.</summary>
    /// <param name="trained"><see cref="Adapted"/> with trained weights in its store.</param>
    /// <param name="rounding">Largest difference between a merged value and W + s·B·A in double.</param>
    public Graph Merge(Graph trained, out double rounding)
    {
        (var graph, rounding) = _merge is null ? (trained, 0) : _merge(trained);
        return graph;
    }

    /// <summary>What the method added, in the terms of PEFT's files; null when it added nothing.</summary>
    /// <exception cref="OptionsException">It has no form there; says why.</exception>
    public PeftForm? Peft() => _peft?.Invoke();

    private static List<UnfreezingStage> StagesOf(NetworkStructure structure, TrainableSelection chosen, int every)
    {
        if (every == 0) return [];
        return [.. chosen.Trains.GroupBy(w => structure.StageOf(chosen.BaseOf(w))).OrderBy(g => g.Key)
            .Select((g, i) => new UnfreezingStage(structure.StageName(g.Key), i * every, [.. g]))];
    }
}
