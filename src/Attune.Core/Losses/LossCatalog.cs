namespace Attune.Losses;

/// <summary>Every loss that can be chosen by name, alphabetically.</summary>
public static class LossCatalog
{
    private static readonly (string Name, string Description, string[] Uses, Func<LossOptions, Loss> Create)[] Entries =
    [
        ("binary-cross-entropy", "Cross-entropy of one sigmoid output (two classes); label smoothing, weight of the positive class.", [nameof(LossOptions.LabelSmoothing), nameof(LossOptions.PositiveWeight)], o => new BinaryCrossEntropy(o.LabelSmoothing, o.PositiveWeight)),
        ("cross-entropy", "Softmax cross-entropy over K classes; label smoothing, class weights.", [nameof(LossOptions.LabelSmoothing), nameof(LossOptions.ClassWeights)], o => new CrossEntropy(o.LabelSmoothing, o.ClassWeights)),
        ("huber", "Quadratic near 0, linear beyond delta: regression with outliers.", [nameof(LossOptions.Delta)], o => new Huber(o.Delta ?? 1)),
        ("mae", "Mean absolute error.", [], _ => new MeanAbsoluteError()),
        ("mse", "Mean squared error.", [], _ => new MeanSquaredError()),
        ("smooth-l1", "Huber divided by delta.", [nameof(LossOptions.Delta)], o => new SmoothL1(o.Delta ?? 1)),
    ];

    /// <summary>Name and one line of description.</summary>
    public static IReadOnlyList<(string Name, string Description)> All { get; } = [.. Entries.Select(e => (e.Name, e.Description))];

    /// <summary>The names, in the catalog's order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Entries.Select(e => e.Name)];

    /// <summary>Creates a loss.</summary>
    /// <exception cref="OptionsException">The name is unknown (the nearest one is named), a value is out of range, or a setting has no effect on this loss.</exception>
    public static Loss Create(string name, LossOptions? options = null)
    {
        options ??= new LossOptions();
        foreach (var entry in Entries)
        {
            if (entry.Name != name) continue;
            var problems = Problems(name, entry.Uses, options);
            return problems.Count == 0 ? entry.Create(options) : throw new OptionsException(problems);
        }
        throw new OptionsException($"There is no loss '{name}'.{NearestName.Hint(name, Names)} Known: {string.Join(", ", Names)}.");
    }

    private static List<string> Problems(string name, string[] uses, LossOptions options)
    {
        var problems = new List<string>();
        void Check(string option, string key, bool isSet)
        {
            if (isSet && !uses.Contains(option)) problems.Add($"objective.{key} has no effect on the loss '{name}'. Remove it, or choose another loss.");
        }
        Check(nameof(LossOptions.LabelSmoothing), "label-smoothing", options.LabelSmoothing != 0);
        Check(nameof(LossOptions.ClassWeights), "class-weights", options.ClassWeights is not null);
        Check(nameof(LossOptions.PositiveWeight), "positive-weight", options.PositiveWeight is not null);
        Check(nameof(LossOptions.Delta), "delta", options.Delta is not null);
        if (!(options.LabelSmoothing >= 0 && options.LabelSmoothing < 1)) problems.Add(FormattableString.Invariant($"objective.label-smoothing is {options.LabelSmoothing}; it has to be in [0, 1)."));
        if (options.Delta is { } delta && !(delta > 0 && double.IsFinite(delta))) problems.Add(FormattableString.Invariant($"objective.delta is {delta}; it has to be above 0."));
        if (options.ClassWeights is { } weights && (weights.Any(w => !(w >= 0) || float.IsInfinity(w)) || weights.All(w => w == 0)))
            problems.Add("objective.class-weights have to be finite, at least 0, and not all 0.");
        if (options.PositiveWeight is { } positive && (positive.Count == 0 || positive.Any(w => !(w > 0) || float.IsInfinity(w))))
            problems.Add("objective.positive-weight has to be finite and above 0.");
        return problems;
    }
}
