namespace Attune.Options;

/// <summary>What trains when an earlier model is fine-tuned.</summary>
public sealed record MethodOptions
{
    /// <summary>Names of the methods, alphabetically; the catalog of methods has the same.</summary>
    internal static readonly string[] Names = ["bitfit", "bottleneck", "dora", "full", "head", "ia3", "last-n", "lora", "norm-only", "pissa", "prefix-tuning", "prompt-tuning", "rslora", "setfit"];

    /// <summary>Nonlinearities of a bottleneck.</summary>
    internal static readonly string[] Activations = ["gelu", "relu", "silu", "tanh"];

    /// <summary>Where bottlenecks stand.</summary>
    internal static readonly string[] Placements = ["attention", "both", "feed-forward"];

    private static readonly string[] _virtual = ["prefix-tuning", "prompt-tuning"];

    private static readonly string[] _lowRank = ["lora", "dora", "pissa", "rslora"];

    /// <summary>Method by name (see <c>attune list methods</c>). <c>full</c>: every layer trains. <c>head</c>: only the last layer. Default full.</summary>
    public string Name { get; init; } = "full";

    /// <summary>Number of last blocks that train with <c>last-n</c>, ≥ 1; the head trains besides. Default 1.</summary>
    public int Blocks { get; init; } = 1;

    /// <summary>
    /// Patterns over weight or node names (<c>layer4.*</c>; <c>*</c> any text, <c>?</c> one character). With <c>full</c> only matching weights and a new head train; with other methods matching
    /// weights train besides the method's own. A constant trains when it is named exactly. Default none.
    /// </summary>
    public IReadOnlyList<string> Train { get; init; } = [];

    /// <summary>Patterns over weight or node names of what stays frozen, whatever else is said. Default none.</summary>
    public IReadOnlyList<string> Freeze { get; init; } = [];

    /// <summary>Number of layers, counted from the input, that stay frozen byte for byte. Default 0.</summary>
    public int FreezeLayers { get; init; }

    /// <summary>
    /// Each block's rate is this factor times the rate of the block above it, in (0, 1]; layers count where nothing repeats, a pooler goes with the head, embeddings lie below the first block. Default 1 (Howard and Ruder 2018,
    /// arXiv:1801.06146, use 1/2.6; Clark et al. 2020, arXiv:2003.10555, appendix B, 0.8 and 0.9 for encoders of texts).
    /// </summary>
    public double LayerRateDecay { get; init; } = 1;

    /// <summary>
    /// Gradual unfreezing (Howard and Ruder 2018, section 3.3): the head trains first, and after every so many epochs one more block from above joins, the stem last; 0 (default) trains everything
    /// from the start. What has not joined keeps every byte, BatchNormalization keeps its statistics throughout, and early stopping waits for the last block.
    /// </summary>
    public int UnfreezeEvery { get; init; }

    /// <summary>
    /// A new head is trained alone, to its end and at a head's own settings, before anything else trains (linear probing, then fine-tuning: Kumar et al. 2022, arXiv:2202.10054), so that
    /// the first steps do not pull good features towards a random head. Default: for networks of pictures with <c>full</c> and <c>last-n</c>, but for gradual unfreezing.
    /// </summary>
    public bool? HeadFirst { get; init; }

    /// <summary>BatchNormalization keeps its statistics although its gains and offsets train. Default: for <c>full</c> with fewer than 2,000 training pictures, whose batches say less than what the network has seen.</summary>
    public bool? FreezeBatchNorm { get; init; }

    /// <summary>Rank r of <c>lora</c>, <c>rslora</c>, <c>dora</c> and <c>pissa</c>, ≥ 1. Default 8 (Hu et al. 2021). Larger: more capacity; memory grows linearly.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>Numerator α of <c>lora</c>'s scale α/r, greater than 0. Default twice the rank, so that the scale is 2 whatever the rank.</summary>
    public double? Alpha { get; init; }

    /// <summary>Scales <c>lora</c>'s update by α/√r instead of α/r, for large ranks (Kalajdzievski 2023, arXiv:2312.03732). Default false.</summary>
    public bool RankStabilized { get; init; }

    /// <summary>Share of an adapter's inputs that <c>lora</c> drops in training, in [0, 1). Default 0.</summary>
    public double Dropout { get; init; }

    /// <summary>
    /// Patterns over weight or node names of what <c>lora</c>, <c>rslora</c>, <c>dora</c>, <c>pissa</c> and <c>ia3</c> adapt, and of the projections that <c>bottleneck</c> stands behind. Default of <c>bottleneck</c>: every one; of <c>ia3</c>: key, value and second feed-forward layers by their usual names; else every Gemm and MatMul weight below the head, and ungrouped Conv weights where the network does not attend. A shared
    /// weight is adapted only where its nodes are named, each for itself.
    /// </summary>
    public IReadOnlyList<string> Target { get; init; } = [];

    /// <summary>
    /// Pairs of each kind, same class and different classes, that <c>setfit</c> draws for each training text, ≥ 1. Default 20 (R of Tunstall et al. 2022, arXiv:2209.11055, section 4, and the
    /// former default of the SetFit library). Larger: better for a dozen texts, and slower in proportion.
    /// </summary>
    public int Pairs { get; init; } = 20;

    /// <summary>Learning rate while <c>setfit</c> tunes the encoder on pairs, greater than 0; <c>training.learning-rate</c> is that of the head. Default 2e-5 (the SetFit library's <c>body_learning_rate</c>).</summary>
    public double PairLearningRate { get; init; } = 2e-5;

    /// <summary>
    /// Ranks of some of the weights that <c>lora</c>, <c>rslora</c>, <c>dora</c> and <c>pissa</c> adapt: <c>PATTERN=RANK</c> over weight or node names (<c>*.query.weight=16</c>); the first that fits counts. Default none. PEFT's <c>rank_pattern</c>.
    /// </summary>
    public IReadOnlyList<string> RankPattern { get; init; } = [];

    /// <summary>α of some of the weights, as <c>method.rank-pattern</c>: <c>PATTERN=ALPHA</c>. Default: <c>method.alpha</c>, else twice the weight's own rank. PEFT's <c>alpha_pattern</c>.</summary>
    public IReadOnlyList<string> AlphaPattern { get; init; } = [];

    /// <summary>
    /// Numbers of the layers whose weights <c>bottleneck</c>, <c>lora</c>, <c>rslora</c>, <c>dora</c>, <c>pissa</c> and <c>ia3</c> adapt, as weight names have them (the last number in <c>encoder.layer.5.output</c>); weights without a number are left alone then. Default: all layers. PEFT's <c>layers_to_transform</c>.
    /// </summary>
    public IReadOnlyList<int> Layers { get; init; } = [];

    /// <summary>How many times narrower than a layer the adapters of <c>bottleneck</c> are, greater than 1. Default 16 (AdapterHub's of Houlsby et al. 2019 and Pfeiffer et al. 2020; the papers try 64 to 2 dimensions less).</summary>
    public double ReductionFactor { get; init; } = 16;

    /// <summary>Width of the adapters of <c>bottleneck</c>, ≥ 1 and less than the layer's. Default the layer's width divided by <c>method.reduction-factor</c>.</summary>
    public int? BottleneckSize { get; init; }

    /// <summary>Nonlinearity between the two projections of <c>bottleneck</c>: <c>gelu</c>, <c>relu</c>, <c>silu</c> or <c>tanh</c>. Default gelu, as in the code of Houlsby et al. 2019.</summary>
    public string Activation { get; init; } = "gelu";

    /// <summary>Layers that <c>bottleneck</c> stands behind: <c>attention</c>, <c>feed-forward</c> (Pfeiffer et al. 2020: half the parameters, nearly as good), or <c>both</c> (Houlsby et al. 2019). Default both.</summary>
    public string Placement { get; init; } = "both";

    /// <summary>
    /// Learned tokens that <c>prompt-tuning</c> puts in front of each text, or learned keys and values that <c>prefix-tuning</c> puts in front of each layer's, ≥ 1. Default 20 (Lester et al. 2021 find little gain beyond).
    /// A text may have so many tokens less.
    /// </summary>
    public int VirtualTokens { get; init; } = 20;

    internal void Validate(Problems problems, bool earlierModel)
    {
        var usual = new MethodOptions();
        problems.OneOf(Names, Name, "method.name");
        problems.AtLeast(1, Blocks, "method.blocks");
        problems.AtLeast(0, FreezeLayers, "method.freeze-layers");
        problems.AtLeast(0, UnfreezeEvery, "method.unfreeze-every");
        problems.AtLeast(1, Rank, "method.rank");
        problems.Positive(Alpha, "method.alpha");
        problems.InRange(0, 1, Dropout, "method.dropout");
        if (!(LayerRateDecay is > 0 and <= 1)) problems.Add("method.layer-rate-decay", FormattableString.Invariant($"has to be greater than 0 and at most 1; got {LayerRateDecay}."));
        if (Name == "head" && FreezeLayers > 0) problems.Add("method.freeze-layers", "contradicts method.name=head, which freezes all layers but the last. Remove one of the two.");
        if (HeadFirst == true && Name == "head") problems.Add("method.head-first", "contradicts method.name=head, which trains nothing but the head. Remove one of the two.");
        if (HeadFirst == true && UnfreezeEvery > 0) problems.Add("method.head-first", "contradicts method.unfreeze-every, which begins with the head by itself. Remove one of the two.");
        problems.AtLeast(1, Pairs, "method.pairs");
        problems.Positive(PairLearningRate, "method.pair-learning-rate");
        if (Name == "setfit" && Train.Count > 0) problems.Add("method.train", "contradicts method.name=setfit, which tunes the whole encoder on pairs and then the head. Say with method.freeze what stays.");
        if (Name == "setfit" && UnfreezeEvery > 0) problems.Add("method.unfreeze-every", "contradicts method.name=setfit, which tunes the encoder before its head. Remove one of the two.");
        if (Name == "setfit" && HeadFirst == true) problems.Add("method.head-first", "contradicts method.name=setfit, which tunes the encoder before its head. Remove one of the two.");
        if (Pairs != usual.Pairs) Belongs(problems, "pairs", ["setfit"]);
        if (PairLearningRate != usual.PairLearningRate) Belongs(problems, "pair-learning-rate", ["setfit"]);
        if (Blocks != usual.Blocks) Belongs(problems, "blocks", ["last-n"]);
        if (Rank != usual.Rank) Belongs(problems, "rank", _lowRank);
        if (Alpha is not null) Belongs(problems, "alpha", _lowRank);
        if (RankStabilized) Belongs(problems, "rank-stabilized", ["lora", "dora", "pissa"]);
        if (Dropout != 0) Belongs(problems, "dropout", _lowRank);
        if (Target.Count > 0) Belongs(problems, "target", [.. _lowRank, "bottleneck", "ia3"]);
        if (RankPattern.Count > 0) Belongs(problems, "rank-pattern", _lowRank);
        if (AlphaPattern.Count > 0) Belongs(problems, "alpha-pattern", _lowRank);
        if (Layers.Count > 0) Belongs(problems, "layers", [.. _lowRank, "bottleneck", "ia3"]);
        if (ReductionFactor != usual.ReductionFactor) Belongs(problems, "reduction-factor", ["bottleneck"]);
        if (BottleneckSize is not null) Belongs(problems, "bottleneck-size", ["bottleneck"]);
        if (Activation != usual.Activation) Belongs(problems, "activation", ["bottleneck"]);
        if (Placement != usual.Placement) Belongs(problems, "placement", ["bottleneck"]);
        if (VirtualTokens != usual.VirtualTokens) Belongs(problems, "virtual-tokens", _virtual);
        if (BottleneckSize is not null && ReductionFactor != usual.ReductionFactor) problems.Add("method.bottleneck-size", "contradicts method.reduction-factor, from which the size would follow. Remove one of the two.");
        if (!(ReductionFactor > 1) || double.IsInfinity(ReductionFactor)) problems.Add("method.reduction-factor", FormattableString.Invariant($"has to be a number greater than 1; got {ReductionFactor}."));
        problems.AtLeast(1, BottleneckSize ?? 1, "method.bottleneck-size");
        problems.AtLeast(1, VirtualTokens, "method.virtual-tokens");
        problems.OneOf(Activations, Activation, "method.activation");
        problems.OneOf(Placements, Placement, "method.placement");
        foreach (var layer in Layers) problems.AtLeast(0, layer, "method.layers");
        foreach (var text in RankPattern.Where(t => PatternValue.Parse(t) is not { Value: >= 1 and <= 1 << 20 } p || p.Value != Math.Floor(p.Value))) problems.Add("method.rank-pattern", $"'{text}' is not PATTERN=RANK with a whole number of 1 or more.");
        foreach (var text in AlphaPattern.Where(t => PatternValue.Parse(t) is not { Value: > 0 })) problems.Add("method.alpha-pattern", $"'{text}' is not PATTERN=ALPHA with a number above 0.");
        if (earlierModel) return;
        if (Name != "full" && Names.Contains(Name)) Needs(problems, "name", $"{Name} needs");
        if (FreezeLayers > 0) Needs(problems, "freeze-layers", "needs");
        if (Train.Count > 0) Needs(problems, "train", "needs");
        if (Freeze.Count > 0) Needs(problems, "freeze", "needs");
        if (UnfreezeEvery > 0) Needs(problems, "unfreeze-every", "needs");
        if (HeadFirst == true) Needs(problems, "head-first", "needs");
        if (FreezeBatchNorm == true) Needs(problems, "freeze-batch-norm", "needs");
    }

    private void Belongs(Problems problems, string option, string[] methods)
    {
        if (!methods.Contains(Name)) problems.Add($"method.{option}", $"belongs to method.name={string.Join(" or ", methods)}; this is {Name}. Remove one of the two.");
    }

    private static void Needs(Problems problems, string option, string verb)
        => problems.Add($"method.{option}", $"{verb} an earlier model (--model RUN): a new network's frozen layers would stay random.");
}
