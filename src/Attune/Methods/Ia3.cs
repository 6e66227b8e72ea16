using System.Globalization;
using Attune.Options;

namespace Attune.Methods;

/// <summary>
/// Learned factors (Liu et al. 2022, arXiv:2205.05638): outputs of key and value layers and inputs of the second feed-forward layer are multiplied by vectors that start at one. Where no layer has such a name,
/// every linear layer's output is. The head trains fully; everything is merged at the end.
/// </summary>
internal sealed class Ia3 : TuningMethod
{
    // Names of the layers in BERT and RoBERTa, DistilBERT, DeBERTa, MPNet, Llama, as PEFT targets them.
    private static readonly string[] _attention = ["*key.weight", "*value.weight", "*key_proj.weight", "*value_proj.weight", "*k_lin.weight", "*v_lin.weight", "*attn.k.weight", "*attn.v.weight", "*k_proj.weight", "*v_proj.weight"];
    private static readonly string[] _feedForward = ["*output.dense.weight", "*lin2.weight", "*ffn_output.weight", "*down_proj.weight"];

    public override string Name => "ia3";

    public override string Description => "Factors on keys, values and feed-forward inputs of frozen linear layers, merged at the end; the head trains fully.";

    public override MethodSelection Select(MethodContext context)
    {
        var original = context.Structure.Graph;
        var adapters = Targets(context);
        var notes = new List<string> { string.Create(CultureInfo.InvariantCulture, $"factors beside {adapters.Count} weights ({adapters.Sum(a => a.Sizes.Max()):N0} parameters)") };
        var trains = context.HeadAndFresh;
        trains.UnionWith(adapters.Select(a => a.L));
        return new MethodSelection(Ia3Rewrite.Run(original, adapters), trains)
        {
            Adapts = adapters.ToDictionary(a => a.L, a => a.Weight, StringComparer.Ordinal),
            Merge = trained => Ia3Rewrite.Merge(original, adapters, trained),
            Peft = () => PeftForm.Of(original, adapters),
            Notes = notes,
        };
    }

    private static List<Ia3Adapter> Targets(MethodContext context)
    {
        var structure = context.Structure;
        var patterns = context.Options.Target;
        var uses = structure.Uses.Where(u => u.Kind == WeightKind.Matrix && structure.Uses.Count(o => o.Weight == u.Weight) == 1).ToList();
        foreach (var pattern in patterns.Where(p => !uses.Any(u => Fits(p, u)))) throw NamePatterns.Unmatched("method.target", pattern, uses.SelectMany(u => new[] { u.Weight, u.Consumer.Name }));
        var below = uses.Where(u => !structure.HeadWeights.Contains(u.Weight) && !context.Fresh.Contains(u.Weight)).ToList();
        var chosen = patterns.Count > 0 ? uses.Where(u => patterns.Any(p => Fits(p, u))).ToList() : below.Where(u => _attention.Concat(_feedForward).Any(p => NamePatterns.Fits(p, u.Weight))).ToList();
        if (chosen.Count == 0) chosen = below;
        chosen.RemoveAll(u => !AdapterTargets.InLayers(context.Options, u));
        AdapterTargets.DemandFits(context.Options, chosen, uses);
        var names = HeadReplacement.NamesOf(structure.Graph);
        var adapters = new List<Ia3Adapter>();
        foreach (var use in chosen)
        {
            var stem = use.Weight.EndsWith(".weight", StringComparison.Ordinal) ? use.Weight[..^".weight".Length] : use.Weight;
            while (!names.Add(stem + ".ia3_l")) stem += "_";
            if (Ia3Adapter.Of(structure, use, stem + ".ia3_l", _feedForward.Any(p => NamePatterns.Fits(p, use.Weight))) is { } adapter) adapters.Add(adapter);
        }
        if (adapters.Count == 0) throw new OptionsException("method.target: no weight of the model can have factors: none is the matrix of a Gemm or MatMul below the head with one use. Choose another method.");
        return adapters;
    }

    private static bool Fits(string pattern, WeightUse use) => NamePatterns.Fits(pattern, use.Weight) || NamePatterns.Fits(pattern, use.Consumer.Name);
}
