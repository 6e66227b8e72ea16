namespace Attune.Losses;

/// <summary>Every loss that can be chosen by name, alphabetically.</summary>
public static class LossCatalog
{
    private const LossKinds Sigmoids = LossKinds.Binary | LossKinds.MultiLabel;

    private static readonly Entry[] Entries =
    [
        new("asymmetric", "Sigmoid loss for many labels of which few apply: easy negatives cost nothing.", Sigmoids, [nameof(LossOptions.GammaPositive), nameof(LossOptions.GammaNegative), nameof(LossOptions.Clip)], o => new AsymmetricLoss(o.GammaPositive ?? 1, o.GammaNegative ?? 4, o.Clip ?? 0.05)),
        new("batch-hard-triplet", "Embeddings: farthest of the own class against nearest of another, within the batch.", LossKinds.Embeddings, [nameof(LossOptions.Margin)], o => new BatchHardTriplet(o.Margin ?? 5)),
        new("binary-cross-entropy", "Cross-entropy of one sigmoid output (two classes); label smoothing, weight of the positive class.", Sigmoids, [nameof(LossOptions.LabelSmoothing), nameof(LossOptions.PositiveWeight)], o => new BinaryCrossEntropy(o.LabelSmoothing, o.PositiveWeight)),
        new("contrastive", "Embeddings: pairs that belong together near, others a margin apart.", LossKinds.Embeddings, [nameof(LossOptions.Margin)], o => new ContrastiveLoss(o.Margin ?? 0.5)),
        new("cosent", "Embeddings: the order of the cosines of pairs should be that of their scores.", LossKinds.Embeddings, [nameof(LossOptions.Scale)], o => new CoSent(o.Scale ?? 20)),
        new("cosine-similarity", "Embeddings: squared difference between the cosine of a pair and its score.", LossKinds.Embeddings, [], _ => new CosineSimilarityLoss()),
        new("cross-entropy", "Softmax cross-entropy over K classes; label smoothing, class weights.", LossKinds.MultiClass, [nameof(LossOptions.LabelSmoothing), nameof(LossOptions.ClassWeights)], o => new CrossEntropy(o.LabelSmoothing, o.ClassWeights)),
        new("feature-distillation", "Squared difference and cosine to a teacher's hidden vectors.", LossKinds.Regression, [], _ => new FeatureDistillation()),
        new("focal", "Cross-entropy that fades on rows that are already right: rare or hard classes.", Sigmoids | LossKinds.MultiClass, [nameof(LossOptions.FocalGamma), nameof(LossOptions.FocalAlpha), nameof(LossOptions.ClassWeights)], o => new FocalLoss(o.FocalGamma ?? 2, o.FocalAlpha, o.ClassWeights)),
        new("gamma", "Gamma likelihood of positive numbers whose errors grow with the mean.", LossKinds.LogRegression, [], _ => new GammaLoss()),
        new("huber", "Quadratic near 0, linear beyond delta: regression with outliers.", LossKinds.Regression, [nameof(LossOptions.Delta)], o => new Huber(o.Delta ?? 1)),
        new("mae", "Mean absolute error.", LossKinds.Regression, [], _ => new MeanAbsoluteError()),
        new("margin-mse", "Embeddings: a teacher's margin between a positive and a negative.", LossKinds.Embeddings, [], _ => new MarginMse()),
        new("mse", "Mean squared error.", LossKinds.Regression, [], _ => new MeanSquaredError()),
        new("multiple-negatives-ranking", "Embeddings: an anchor's positive among all others of the batch; hard negatives, symmetric form.", LossKinds.Embeddings, [nameof(LossOptions.Scale), nameof(LossOptions.Similarity), nameof(LossOptions.HardNegatives), nameof(LossOptions.Symmetric)], o => new MultipleNegativesRanking(o.Scale ?? 20, o.Similarity ?? Similarity.Cosine, o.HardNegatives ?? 0, o.Symmetric ?? false)),
        new("ordinal", "Squared earth mover's distance: classes with an order.", LossKinds.MultiClass, [], _ => new OrdinalLoss()),
        new("poisson", "Poisson likelihood of counts.", LossKinds.LogRegression, [], _ => new PoissonLoss()),
        new("quantile", "Pinball loss: predicts a quantile instead of the mean.", LossKinds.Regression, [nameof(LossOptions.Quantile)], o => new QuantileLoss(o.Quantile ?? 0.5)),
        new("smooth-l1", "Huber divided by delta.", LossKinds.Regression, [nameof(LossOptions.Delta)], o => new SmoothL1(o.Delta ?? 1)),
        new("supervised-contrastive", "Embeddings: rows of one class together, all others apart; without labels SimCLR's NT-Xent.", LossKinds.Embeddings, [nameof(LossOptions.Temperature), nameof(LossOptions.BaseTemperature), nameof(LossOptions.Views), nameof(LossOptions.Normalize)], o => new SupervisedContrastive(o.Temperature ?? 0.07, o.BaseTemperature, o.Views ?? 1, o.Normalize ?? true)),
        new("triplet", "Embeddings: the positive a margin nearer than the negative.", LossKinds.Embeddings, [nameof(LossOptions.Margin), nameof(LossOptions.Distance), nameof(LossOptions.Swap)], o => new TripletLoss(o.Margin, o.Distance ?? EmbeddingDistance.Euclidean, o.Swap ?? false)),
        new("tweedie", "Tweedie likelihood: many zeros and a long tail.", LossKinds.LogRegression, [nameof(LossOptions.TweediePower)], o => new TweedieLoss(o.TweediePower ?? 1.5)),
    ];

    // How each setting is named, when it is set, and which values it takes.
    private static readonly Setting[] Settings =
    [
        new(nameof(LossOptions.LabelSmoothing), "label-smoothing", o => o.LabelSmoothing == 0 ? null : o.LabelSmoothing, v => v is >= 0 and < 1, "in [0, 1)"),
        new(nameof(LossOptions.Delta), "delta", o => o.Delta, v => v > 0 && double.IsFinite(v), "above 0"),
        new(nameof(LossOptions.FocalGamma), "focal-gamma", o => o.FocalGamma, v => v >= 0 && double.IsFinite(v), "at least 0"),
        new(nameof(LossOptions.FocalAlpha), "focal-alpha", o => o.FocalAlpha, v => v is >= 0 and <= 1, "in [0, 1]"),
        new(nameof(LossOptions.GammaPositive), "gamma-positive", o => o.GammaPositive, v => v >= 0 && double.IsFinite(v), "at least 0"),
        new(nameof(LossOptions.GammaNegative), "gamma-negative", o => o.GammaNegative, v => v >= 0 && double.IsFinite(v), "at least 0"),
        new(nameof(LossOptions.Clip), "clip", o => o.Clip, v => v is >= 0 and < 1, "in [0, 1)"),
        new(nameof(LossOptions.Quantile), "quantile", o => o.Quantile, v => v is > 0 and < 1, "in (0, 1)"),
        new(nameof(LossOptions.TweediePower), "tweedie-power", o => o.TweediePower, v => v is > 1 and < 2, "in (1, 2)"),
        new(nameof(LossOptions.Margin), "margin", o => o.Margin, v => v > 0 && double.IsFinite(v), "above 0"),
        new(nameof(LossOptions.Scale), "scale", o => o.Scale, v => v > 0 && double.IsFinite(v), "above 0"),
        new(nameof(LossOptions.Temperature), "temperature", o => o.Temperature, v => v > 0 && double.IsFinite(v), "above 0"),
        new(nameof(LossOptions.BaseTemperature), "base-temperature", o => o.BaseTemperature, v => v > 0 && double.IsFinite(v), "above 0"),
        new(nameof(LossOptions.Views), "views", o => o.Views, v => v >= 1, "at least 1"),
        new(nameof(LossOptions.HardNegatives), "hard-negatives", o => o.HardNegatives, v => v >= 0, "at least 0"),
        new(nameof(LossOptions.Normalize), "normalize", o => o.Normalize is { } flag ? flag ? 1 : 0 : null, _ => true, ""),
        new(nameof(LossOptions.Similarity), "similarity", o => o.Similarity is { } kind ? (int)kind : null, v => v is 0 or 1, "cosine or dot"),
        new(nameof(LossOptions.Symmetric), "symmetric", o => o.Symmetric is { } flag ? flag ? 1 : 0 : null, _ => true, ""),
        new(nameof(LossOptions.Distance), "distance", o => o.Distance is { } kind ? (int)kind : null, v => v is 0 or 1, "euclidean or cosine"),
        new(nameof(LossOptions.Swap), "swap", o => o.Swap is { } flag ? flag ? 1 : 0 : null, _ => true, ""),
    ];

    /// <summary>Name and one line of description.</summary>
    public static IReadOnlyList<(string Name, string Description)> All { get; } = [.. Entries.Select(e => (e.Name, e.Description))];

    /// <summary>The names, in the catalog's order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Entries.Select(e => e.Name)];

    /// <summary>What a loss can be used for.</summary>
    /// <exception cref="OptionsException">The name is unknown.</exception>
    public static LossKinds KindsOf(string name) => Find(name).Kinds;

    /// <summary>The names of the losses for one use.</summary>
    public static IReadOnlyList<string> NamesFor(LossKinds kind) => [.. Entries.Where(e => (e.Kinds & kind) != 0).Select(e => e.Name)];

    /// <summary>Creates a loss.</summary>
    /// <exception cref="OptionsException">The name is unknown (the nearest one is named), a value is out of range, or a setting has no effect on this loss.</exception>
    public static Loss Create(string name, LossOptions? options = null)
    {
        options ??= new LossOptions();
        var entry = Find(name);
        var problems = Problems(name, entry.Uses, options);
        return problems.Count == 0 ? entry.Create(options) : throw new OptionsException(problems);
    }

    private static Entry Find(string name)
        => Array.Find(Entries, e => e.Name == name) ?? throw new OptionsException($"There is no loss '{name}'.{NearestName.Hint(name, Names)} Known: {string.Join(", ", Names)}.");

    private static List<string> Problems(string name, string[] uses, LossOptions options)
    {
        var problems = new List<string>();
        void Unused(string option, string key, bool isSet)
        {
            if (isSet && !uses.Contains(option)) problems.Add($"objective.{key} has no effect on the loss '{name}'. Remove it, or choose another loss.");
        }
        foreach (var setting in Settings)
        {
            if (setting.Value(options) is not { } value) continue;
            Unused(setting.Option, setting.Key, true);
            if (!setting.IsValid(value)) problems.Add(FormattableString.Invariant($"objective.{setting.Key} is {value}; it has to be {setting.Range}."));
        }
        Unused(nameof(LossOptions.ClassWeights), "class-weights", options.ClassWeights is not null);
        Unused(nameof(LossOptions.PositiveWeight), "positive-weight", options.PositiveWeight is not null);
        if (options.ClassWeights is { } weights && (weights.Any(w => !(w >= 0) || float.IsInfinity(w)) || weights.All(w => w == 0)))
            problems.Add("objective.class-weights have to be finite, at least 0, and not all 0.");
        if (options.PositiveWeight is { } positive && (positive.Count == 0 || positive.Any(w => !(w > 0) || float.IsInfinity(w))))
            problems.Add("objective.positive-weight has to be finite and above 0.");
        return problems;
    }

    private sealed record Entry(string Name, string Description, LossKinds Kinds, string[] Uses, Func<LossOptions, Loss> Create);

    private sealed record Setting(string Option, string Key, Func<LossOptions, double?> Value, Func<double, bool> IsValid, string Range);
}
