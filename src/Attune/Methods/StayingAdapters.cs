using Attune.Graphs;
using Attune.Weights;

namespace Attune.Methods;

/// <summary>Weights of methods that stay in a network, because no other weight can hold what they do: bottlenecks, learned tokens, learned keys and values.</summary>
internal static class StayingAdapters
{
    /// <summary>Name of learned tokens [n, D], or of learned keys and values [n, layers · 2 · D]; PEFT's.</summary>
    public const string Prompt = WeightRoles.LearnedTokens;

    /// <summary>Names of those of a network.</summary>
    public static IReadOnlyList<string> Of(Graph graph)
        => [.. graph.Weights.All.Where(w => w.Role == WeightRole.Parameter && (w.Name == Prompt || BottleneckRewrite.Ends.Any(e => w.Name.EndsWith(e, StringComparison.Ordinal)))).Select(w => w.Name)];

    /// <summary>True when a network has learned keys and values, false when it has learned tokens, null when it has neither.</summary>
    public static bool? HasPrefix(Graph graph)
        => graph.Weights.Contains(Prompt) ? graph.Nodes.Any(n => n.Operator == "Reshape" && n.Inputs[0] == Prompt) : null;
}
