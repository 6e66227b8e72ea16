using Attune.Graphs;
using Attune.Options;

namespace Attune.Methods;

/// <summary>
/// A way to fine-tune: which weights of a network train, and how the network is rewritten for it. One file per method; each stands in <see cref="MethodCatalog"/>.
/// Patterns, frozen layers, rates by layer and gradual unfreezing apply to every method and are <see cref="MethodPlan"/>'s.
/// </summary>
public abstract class TuningMethod
{
    /// <summary>Name under which users choose it (<c>method.name</c>).</summary>
    public abstract string Name { get; }

    /// <summary>One sentence for lists.</summary>
    public abstract string Description { get; }

    /// <summary>True when BatchNormalization keeps its statistics whatever trains. Default true; otherwise only when one of its gains or offsets is frozen.</summary>
    public virtual bool FreezesBatchNorm => true;

    /// <summary>True when what lies below the head first learns from pairs of training texts, before what the method selects trains.</summary>
    public virtual bool LearnsPairsFirst => false;

    /// <summary>Chooses what trains and rewrites the graph where the method needs it.</summary>
    /// <exception cref="OptionsException">The options do not fit the network.</exception>
    public abstract MethodSelection Select(MethodContext context);
}

/// <summary>What a method chooses from.</summary>
/// <param name="Structure">The network with its layers, blocks and head.</param>
/// <param name="Options">The user's options.</param>
/// <param name="Fresh">Weights that were just made, such as a new head.</param>
/// <param name="Seed">Seed of weights that the method makes.</param>
public sealed record MethodContext(NetworkStructure Structure, MethodOptions Options, IReadOnlySet<string> Fresh, ulong Seed)
{
    /// <summary>The head and everything fresh: what trains with every method.</summary>
    public HashSet<string> HeadAndFresh => [.. Structure.HeadWeights, .. Fresh];

    /// <summary>Head, fresh weights, and all weights that are used in one of these ways.</summary>
    public HashSet<string> HeadAnd(params IReadOnlyList<WeightKind> kinds)
        => [.. HeadAndFresh, .. Structure.Uses.Where(u => kinds.Contains(u.Kind)).Select(u => u.Weight)];
}

/// <summary>What a method chose.</summary>
/// <param name="Graph">The network, rewritten or as it was.</param>
/// <param name="Trains">Canonical names of the weights that train.</param>
public sealed record MethodSelection(Graph Graph, IReadOnlySet<string> Trains)
{
    /// <summary>Weights that the method added → the weight that they adapt.</summary>
    public IReadOnlyDictionary<string, string> Adapts { get; init; } = new Dictionary<string, string>();

    /// <summary>True when what was added changes nothing before it is trained. Default true.</summary>
    public bool StartsAsBase { get; init; } = true;

    /// <summary>Gives the plain graph for trained weights, and the largest rounding error of a merged value; null when nothing was rewritten, or what was added stays in the graph.</summary>
    public Func<Graph, (Graph Graph, double Rounding)>? Merge { get; init; }

    /// <summary>What was added in the terms of PEFT's files, or an <see cref="OptionsException"/> that says why it has no form there; null when nothing was added.</summary>
    public Func<PeftForm>? Peft { get; init; }

    /// <summary>What a user should know: sizes, what was left out and why.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
