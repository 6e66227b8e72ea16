using System.Globalization;
using System.Text.Json.Nodes;
using Attune.Options;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>Trains an adapter on that was trained before: its own rank, scale and targets, from its own weights.</summary>
internal static class ContinuedAdapter
{
    /// <summary>True when a method goes on with an adapter; all others start from the merged network.</summary>
    public static bool Continues(MethodOptions options, PeftConfig config) => config.Kind == PeftKind.Lora ? options.Name is "lora" or "rslora" or "dora" : options.Name == config.Method;

    /// <summary>The adapter beside the network's weights.</summary>
    /// <param name="context">The network, its weights that the adapter holds whole in it.</param>
    /// <param name="adapter">What stands beside them.</param>
    /// <exception cref="OptionsException">An option contradicts the adapter's configuration.</exception>
    public static MethodSelection Select(MethodContext context, PeftAdapter adapter)
    {
        var (given, usual) = (context.Options, new MethodOptions());
        foreach (var (name, isSet) in new[] { ("rank", given.Rank != usual.Rank), ("alpha", given.Alpha is not null), ("rank-stabilized", given.RankStabilized), ("dropout", given.Dropout != 0), ("target", given.Target.Count > 0), ("rank-pattern", given.RankPattern.Count > 0), ("alpha-pattern", given.AlphaPattern.Count > 0), ("layers", given.Layers.Count > 0), ("virtual-tokens", given.VirtualTokens != usual.VirtualTokens) }.Where(o => o.Item2))
            throw new OptionsException($"method.{name}: the adapter that is trained on has its own ({PeftAdapter.ConfigFile}). Leave it out, or start from the base to train a new adapter.");
        var adapted = adapter.Attach(context.Structure.Graph);
        var trains = context.HeadAndFresh;
        trains.UnionWith(adapted.Trainable);
        return new MethodSelection(adapted.Graph, trains)
        {
            Adapts = adapted.Adapts,
            Merge = adapter.Config.IsVirtual ? null : trained => (adapted.Merge(trained, out var rounding), rounding),
            StartsAsBase = !adapter.Config.IsVirtual,
            Peft = () => new PeftForm((JsonObject)adapter.Config.Json.DeepClone(), trained => [.. adapter.Weights.All.Select(w => trained.Weights.TryGet(w.Name, out var now) ? w with { Value = now.Value } : w)]),
            Notes = [string.Create(CultureInfo.InvariantCulture, $"the adapter goes on from its own weights ({adapted.Trainable.Sum(t => adapted.Graph.Weights[t].Count):N0} parameters)")],
        };
    }
}
