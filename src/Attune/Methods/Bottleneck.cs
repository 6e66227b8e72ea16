using System.Globalization;
using Attune.Options;

namespace Attune.Methods;

/// <summary>
/// Bottleneck adapters (Houlsby et al. 2019, arXiv:1902.00751, figure 2): behind each attention and each feed-forward layer, in front of the sum with its input, y ← y + U·f(D·y + d) + u, a projection to few
/// dimensions and back. With the feed-forward layers alone it is the placement that Pfeiffer et al. 2020 (arXiv:2005.00247) found as good at half the size. The paper starts both matrices near zero
/// (deviation 0.001); here U and u are zero and D is uniform in ±1/√width, so that a fresh adapter changes nothing at all. The head trains fully. Adapters stay in the network: no weight can hold them.
/// </summary>
internal sealed class Bottleneck : TuningMethod
{
    public override string Name => "bottleneck";

    public override string Description => "Small layers behind attention and feed-forward layers, which stay in the network; the head trains fully.";

    public override MethodSelection Select(MethodContext context)
    {
        var graph = context.Structure.Graph;
        var trains = context.HeadAndFresh;
        var there = StayingAdapters.Of(graph).Where(n => n != StayingAdapters.Prompt).ToList();
        if (there.Count > 0) return GoOn(context, trains, there);
        var options = context.Options;
        var sites = Targets(context);
        int SizeOf(BottleneckSite site) => options.BottleneckSize ?? Math.Max(1, (int)(site.Width / options.ReductionFactor));
        var adapted = new BottleneckRewrite(graph, options.Activation, context.Seed).Run(sites, SizeOf);
        var adapts = sites.DistinctBy(s => s.Stem).SelectMany(s => BottleneckRewrite.Ends.Select(end => (Name: s.Stem + end, s.Use.Weight))).ToDictionary(a => a.Name, a => a.Weight, StringComparer.Ordinal);
        trains.UnionWith(adapts.Keys);
        return new MethodSelection(adapted, trains)
        {
            Adapts = adapts,
            Peft = () => throw new OptionsException("PEFT has no form for bottleneck adapters, and they cannot be merged into weights."),
            Notes = [string.Create(CultureInfo.InvariantCulture, $"bottlenecks of {string.Join("/", sites.Select(SizeOf).Distinct().Order())} behind {Count(sites, true)} attention and {Count(sites, false)} feed-forward layers ({adapts.Keys.Sum(n => adapted.Weights[n].Count):N0} parameters)")],
        };
    }

    private static int Count(List<BottleneckSite> sites, bool attention) => sites.Count(s => s.IsAttention == attention);

    // A run of this method is the start: its adapters are in the network.
    private static MethodSelection GoOn(MethodContext context, HashSet<string> trains, List<string> there)
    {
        var (given, usual) = (context.Options, new MethodOptions());
        foreach (var (name, isSet) in new[] { ("bottleneck-size", given.BottleneckSize is not null), ("reduction-factor", given.ReductionFactor != usual.ReductionFactor), ("activation", given.Activation != usual.Activation), ("placement", given.Placement != usual.Placement), ("target", given.Target.Count > 0), ("layers", given.Layers.Count > 0) }.Where(o => o.Item2))
            throw new OptionsException($"method.{name}: the network has bottleneck adapters already, and they are trained on as they are. Leave it out, or start from a network without them.");
        trains.UnionWith(there);
        return new MethodSelection(context.Structure.Graph, trains)
        {
            Peft = () => throw new OptionsException("PEFT has no form for bottleneck adapters, and they cannot be merged into weights."),
            Notes = [string.Create(CultureInfo.InvariantCulture, $"the bottleneck adapters go on from their own weights ({there.Sum(n => context.Structure.Graph.Weights[n].Count):N0} parameters)")],
        };
    }

    private static List<BottleneckSite> Targets(MethodContext context)
    {
        var options = context.Options;
        var all = BottleneckSite.Of(context.Structure);
        if (all.Count == 0) throw new OptionsException("method.name: bottleneck stands behind the attention and feed-forward layers of transformers, and this network has none: no sum joins a value with what linear layers made of it. Choose another method.");
        foreach (var pattern in options.Target.Where(p => !all.Any(s => Fits(p, s)))) throw NamePatterns.Unmatched("method.target", pattern, all.SelectMany(s => new[] { s.Use.Weight, s.Use.Consumer.Name }));
        List<BottleneckSite> sites = [.. all.Where(s => (options.Target.Count == 0 || options.Target.Any(p => Fits(p, s))) && AdapterTargets.InLayers(options, s.Use) && (options.Placement == "both" || s.IsAttention == (options.Placement == "attention")))];
        AdapterTargets.DemandFits(options, [.. sites.Select(s => s.Use)], [.. all.Select(s => s.Use)]);
        if (sites.Count == 0) throw new OptionsException($"method.placement: no layer is left to adapt. The network has {all.Count(s => s.IsAttention)} attention and {all.Count(s => !s.IsAttention)} feed-forward layers; widen method.placement, method.target or method.layers.");
        foreach (var site in sites.Where(s => options.BottleneckSize >= s.Width)) throw new OptionsException(string.Create(CultureInfo.InvariantCulture, $"method.bottleneck-size: {options.BottleneckSize} is no bottleneck: '{site.Use.Weight}' has {site.Width} outputs. Choose fewer."));
        return sites;
    }

    private static bool Fits(string pattern, BottleneckSite site) => NamePatterns.Fits(pattern, site.Use.Weight) || NamePatterns.Fits(pattern, site.Use.Consumer.Name);
}
