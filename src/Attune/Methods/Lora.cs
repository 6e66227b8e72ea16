using System.Globalization;
using Attune.Options;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>
/// Low-rank adapters (Hu et al. 2021, arXiv:2106.09685): y = W·x + s·B·(A·x) with W frozen, A uniform in ±1/√in (Kaiming with a = √5, as PEFT), B zero, so that a fresh
/// adapter changes nothing; s = α/r, or α/√r when rank-stabilized (Kalajdzievski 2023, arXiv:2312.03732). The head trains fully.
/// </summary>
internal class Lora : TuningMethod
{
    public override string Name => "lora";

    public override string Description => "Low-rank adapters beside frozen Gemm, MatMul and Conv weights, merged into them at the end; the head trains fully.";

    /// <summary>True when weights are decomposed into directions and magnitudes.</summary>
    protected virtual bool Decomposes => false;

    /// <summary>True when convolutions can be adapted.</summary>
    protected virtual bool TakesConvolutions => !Decomposes;

    /// <summary>Sets starting weights other than the usual ones; the store is the adapted network's own.</summary>
    protected virtual void Begin(MethodContext context, Graphs.Graph adapted, IReadOnlyList<LoraAdapter> adapters) { }

    /// <summary>The adapters in the terms of PEFT's files.</summary>
    /// <param name="context">The network before.</param>
    /// <param name="start">The adapted network as training begins.</param>
    /// <param name="adapters">The adapters.</param>
    protected virtual PeftForm Form(MethodContext context, Graphs.Graph start, IReadOnlyList<LoraAdapter> adapters) => PeftForm.Of(context.Structure.Graph, adapters, Stabilizes(context.Options), context.Options.Dropout);

    /// <summary>True when the update is scaled by α/√r.</summary>
    protected virtual bool Stabilizes(MethodOptions options) => options.RankStabilized;

    public override MethodSelection Select(MethodContext context)
    {
        var notes = new List<string>();
        var adapters = Targets(context, notes);
        var rewrite = new LoraRewrite(context.Structure.Graph, adapters, context.Options.Dropout, context.Seed);
        var original = context.Structure.Graph;
        notes.Insert(0, string.Create(CultureInfo.InvariantCulture, $"rank {string.Join("/", adapters.Select(a => a.Rank).Distinct().Order())}, scale {string.Join("/", adapters.Select(a => a.Scale.ToString("G4", CultureInfo.InvariantCulture)).Distinct())}, beside {adapters.Count} weights ({adapters.Sum(a => a.Parameters):N0} parameters)"));
        var trains = context.HeadAndFresh;
        trains.UnionWith(adapters.SelectMany(Added));
        var adapted = rewrite.Run();
        Begin(context, adapted, adapters);
        var start = adapted with { Weights = new WeightStore(adapted.Weights.All) };   // training replaces entries
        return new MethodSelection(adapted, trains)
        {
            Adapts = adapters.SelectMany(a => Added(a).Select(name => (name, a.Weight))).ToDictionary(a => a.name, a => a.Weight, StringComparer.Ordinal),
            Merge = trained => LoraMerge.Run(original, adapters, trained),
            Peft = () => Form(context, start, adapters),
            Notes = notes,
        };
    }

    private static IEnumerable<string> Added(LoraAdapter adapter) => adapter.Magnitude is { } magnitude ? [adapter.A, adapter.B, magnitude] : [adapter.A, adapter.B];

    private List<LoraAdapter> Targets(MethodContext context, List<string> notes)
    {
        var structure = context.Structure;
        var patterns = context.Options.Target;
        var uses = structure.Uses.Where(u => u.Kind == WeightKind.Matrix).ToList();
        var names = HeadReplacement.NamesOf(structure.Graph);
        var attends = patterns.Count == 0 && Attends(structure);
        var (adapters, grouped, shared) = (new List<LoraAdapter>(), 0, 0);
        foreach (var use in uses)
        {
            var byNode = patterns.Any(p => NamePatterns.Fits(p, use.Consumer.Name));
            var chosen = patterns.Count == 0 ? !structure.HeadWeights.Contains(use.Weight) && !context.Fresh.Contains(use.Weight) : byNode || patterns.Any(p => FitsWeight(structure, use, p));
            if (!chosen || !AdapterTargets.InLayers(context.Options, use) || ((attends || (!TakesConvolutions && patterns.Count == 0)) && use.Consumer.Operator == "Conv")) continue;
            if (Adapter(context, use, names, out var reason) is { } adapter)
            {
                if (!adapter.IsShared || byNode) adapters.Add(adapter);
                else if (patterns.Count == 0) shared++;
                else throw SeveralUses(structure, use);
            }
            else if (patterns.Count > 0 && patterns.Any(NamePatterns.IsExact)) throw new OptionsException($"method.target: '{use.Weight}' cannot have an adapter: {reason}");
            else if (use.Consumer.Operator == "Conv") grouped++;
        }
        foreach (var pattern in patterns)
        {
            if (!uses.Any(u => NamePatterns.Fits(pattern, u.Consumer.Name) || FitsWeight(structure, u, pattern)))
                throw NamePatterns.Unmatched("method.target", pattern, uses.SelectMany(u => new[] { u.Weight, u.Consumer.Name }));
        }
        AdapterTargets.DemandFits(context.Options, [.. adapters.Select(a => a.Use)], uses);
        if (adapters.Count == 0) throw new OptionsException("method.target: no weight of the model can have a low-rank adapter: none is the matrix of a Gemm, MatMul or ungrouped Conv below the head. Choose another method.");
        if (grouped > 0) notes.Add($"grouped convolutions stay frozen ({grouped})");
        if (shared > 0) notes.Add($"uses of shared weights stay frozen ({shared}); name their nodes in method.target to adapt them one by one");
        return adapters;
    }

    private LoraAdapter? Adapter(MethodContext context, WeightUse use, HashSet<string> names, out string reason)
    {
        var structure = context.Structure;
        var value = structure.Graph.Weights[use.Weight].Value;
        reason = $"node '{use.Consumer.Name}' ({use.Consumer.Operator}) does not use it as a plain linear map.";
        if (MatrixOrientation.Of(use, value) is not { } outputsFirst) return null;
        if (!TakesConvolutions && !IsPlain(use.Consumer)) return null;
        var (rank, groups) = (AdapterTargets.RankOf(context.Options, use), (int)use.Consumer.Attributes.Int("group", 1));
        reason = $"its {groups} groups do not divide the rank {rank}.";
        if (groups > 1 && (context.Options.Target.Count == 0 || rank % groups != 0)) return null;
        var isShared = structure.Uses.Count(u => u.Weight == use.Weight) > 1;
        var stem = isShared ? use.Consumer.Name : use.Weight.EndsWith(".weight", StringComparison.Ordinal) ? use.Weight[..^".weight".Length] : use.Weight;
        while (names.Contains(stem + ".lora_A.weight")) stem += "_";
        names.Add(stem + ".lora_A.weight");
        var alpha = AdapterTargets.AlphaOf(context.Options, use, rank);
        var outputs = value.Sizes[outputsFirst ? 0 : 1];
        return new LoraAdapter(use.Weight, use.Consumer.Name, stem + ".lora_A.weight", stem + ".lora_B.weight", rank, Stabilizes(context.Options) ? alpha / Math.Sqrt(rank) : alpha / rank)
        {
            Magnitude = Decomposes ? stem + ".lora_magnitude_vector" : null,
            Outputs = outputs,
            Inputs = value.Count / outputs,
            Groups = groups,
            OutputsFirst = outputsFirst,
            IsShared = isShared,
            Use = use,
        };
    }

    // W·x + b and nothing else, so that rows of W can be scaled
    private static bool IsPlain(Graphs.Node node) => node.Operator == "MatMul" || (node.Operator == "Gemm" && node.Attributes.Float("alpha", 1) == 1 && node.Attributes.Float("beta", 1) == 1);

    private static bool FitsWeight(NetworkStructure structure, WeightUse use, string pattern)
        => structure.Graph.Weights[use.Weight] is var weight && weight.Aliases.Prepend(weight.Name).Any(n => NamePatterns.Fits(pattern, n));

    private static bool Attends(NetworkStructure structure)
    {
        var flow = structure.Flow;
        return structure.Graph.Nodes.Any(n => n.Operator is "Attention" or "MultiHeadAttention" or "GroupQueryAttention"
            || (n.Operator == "Softmax" && n.Outputs.SelectMany(flow.Readers).Any(r => r.Operator is "MatMul" or "Dropout" && flow.UsesOf(r).Count == 0)));
    }

    private static OptionsException SeveralUses(NetworkStructure structure, WeightUse use)
        => new($"method.target: '{use.Weight}' is used by {NearestName.Preview(structure.Uses.Where(u => u.Weight == use.Weight).Select(u => u.Consumer.Name))}; one adapter cannot stand for all of them. "
            + "Name the nodes instead: each use that is named gets an adapter of its own, and merging gives it a weight of its own.");
}
