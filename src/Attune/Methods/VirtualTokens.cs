using System.Globalization;
using Attune.Graphs;
using Attune.Options;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>What prompt tuning and prefix tuning share: one weight that stays in the network and changes it from the start.</summary>
internal static class VirtualTokens
{
    /// <summary>True for a method that learns tokens, or keys and values of tokens.</summary>
    public static bool IsMethod(MethodOptions options) => options.Name is "prompt-tuning" or "prefix-tuning";

    /// <summary>What a method chose that rewrote the graph.</summary>
    public static MethodSelection Selection(MethodContext context, Graph adapted, Func<PeftForm> form, string note)
    {
        var trains = context.HeadAndFresh;
        trains.Add(StayingAdapters.Prompt);
        // It adapts no weight of the network's: rates and frozen layers of others are not its own.
        return new MethodSelection(adapted, trains) { Adapts = new Dictionary<string, string> { [StayingAdapters.Prompt] = StayingAdapters.Prompt }, StartsAsBase = false, Peft = form, Notes = [note] };
    }

    /// <summary>Trains on what a network has already; null when it has nothing.</summary>
    /// <exception cref="OptionsException">It has the other kind, or the options ask for other sizes.</exception>
    public static MethodSelection? GoOn(MethodContext context, bool isPrefix)
    {
        var graph = context.Structure.Graph;
        if (StayingAdapters.HasPrefix(graph) is not { } has) return null;
        var there = graph.Weights[StayingAdapters.Prompt].Value;
        if (has != isPrefix) throw new OptionsException($"method.name: the network has learned {(has ? "keys and values (prefix-tuning)" : "tokens (prompt-tuning)")} already, and one kind can be trained on at a time. Start from the network without them.");
        if (context.Options.VirtualTokens != new MethodOptions().VirtualTokens && context.Options.VirtualTokens != there.Sizes[0])
            throw new OptionsException(string.Create(CultureInfo.InvariantCulture, $"method.virtual-tokens: the network has {there.Sizes[0]} learned tokens already, and they are trained on. Leave it out, or start from the network without them."));
        var trains = context.HeadAndFresh;
        trains.Add(StayingAdapters.Prompt);
        return new MethodSelection(graph, trains)
        {
            Peft = () => throw new OptionsException("this run went on from a run's model, in whose network the learned tokens are already. Export that run's adapter with --format peft and train on from it."),
            Notes = [string.Create(CultureInfo.InvariantCulture, $"the {there.Sizes[0]} learned tokens go on from their own values ({there.Count:N0} parameters)")],
        };
    }

    /// <summary>The weight as PEFT's files have it.</summary>
    public static IReadOnlyList<Weight> Tensors(Graph trained) => [trained.Weights[StayingAdapters.Prompt]];
}
