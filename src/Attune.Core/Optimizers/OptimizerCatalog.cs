namespace Attune.Optimizers;

/// <summary>Every optimizer that can be chosen by name, alphabetically.</summary>
public static class OptimizerCatalog
{
    private const string Beta1 = "beta1", Beta2 = "beta2", Beta3 = "beta3", Epsilon = "epsilon", Momentum = "momentum", Nesterov = "nesterov", Amsgrad = "amsgrad", Centered = "centered", Scale = "scale-by-weight";

    private static readonly Entry[] Entries =
    [
        new("adafactor", "Row and column means instead of all squares: little memory (Shazeer and Stern 2018).", 10, [Beta1, Epsilon, Scale], o => new Adafactor { Beta1 = o.Beta1, Epsilon = o.Epsilon, ScalesByWeight = o.ScaleByWeight ?? false }),
        new("adagrad", "Steps shrink with the sum of squares: sparse features (Duchi et al. 2011).", 10, [Epsilon], o => new Adagrad(epsilon: o.Epsilon ?? 1e-10)),
        new("adam", "Adam (Kingma and Ba 2015); decay added to the gradient.", 1, [Beta1, Beta2, Epsilon, Amsgrad], o => new Adam(o.Beta1 ?? 0.9, o.Beta2 ?? 0.999, o.Epsilon ?? 1e-8, o.Amsgrad ?? false)),
        new("adamax", "Adam by the largest gradient (Kingma and Ba 2015).", 2, [Beta1, Beta2, Epsilon], o => new Adamax(o.Beta1 ?? 0.9, o.Beta2 ?? 0.999, o.Epsilon ?? 1e-8)),
        new("adamw", "Adam with decoupled weight decay (Loshchilov and Hutter 2019).", 1, [Beta1, Beta2, Epsilon, Amsgrad], o => new AdamW(o.Beta1 ?? 0.9, o.Beta2 ?? 0.999, o.Epsilon ?? 1e-8, o.Amsgrad ?? false)),
        new("adan", "Adam with Nesterov's momentum from the gradient's change (Xie et al. 2022).", 1, [Beta1, Beta2, Beta3, Epsilon], o => new Adan(o.Beta1 ?? 0.98, o.Beta2 ?? 0.92, o.Beta3 ?? 0.99, o.Epsilon ?? 1e-8)),
        new("lamb", "Adam with steps in proportion to each weight: large batches (You et al. 2020).", 2, [Beta1, Beta2, Epsilon], o => new Lamb(o.Beta1 ?? 0.9, o.Beta2 ?? 0.999, o.Epsilon ?? 1e-6)),
        new("lion", "The sign of the momentum: half of Adam's memory (Chen et al. 2023).", 0.2, [Beta1, Beta2], o => new Lion(o.Beta1 ?? 0.9, o.Beta2 ?? 0.99)),
        new("nadam", "Adam with Nesterov's momentum (Dozat 2016).", 1, [Beta1, Beta2, Epsilon], o => new NAdam(o.Beta1 ?? 0.9, o.Beta2 ?? 0.999, o.Epsilon ?? 1e-8)),
        new("radam", "Adam whose first steps need no warm-up (Liu et al. 2020).", 1, [Beta1, Beta2, Epsilon], o => new RAdam(o.Beta1 ?? 0.9, o.Beta2 ?? 0.999, o.Epsilon ?? 1e-8)),
        new("rmsprop", "Steps divided by a running root mean square (Hinton 2012).", 1, [Beta2, Epsilon, Momentum, Centered], o => new RmsProp(o.Beta2 ?? 0.99, o.Epsilon ?? 1e-8, o.Momentum ?? 0, o.Centered ?? false)),
        new("sgd", "Stochastic gradient descent with optional (Nesterov) momentum.", 50, [Momentum, Nesterov], o => new Sgd(o.Momentum ?? 0, o.Nesterov ?? false)),
    ];

    /// <summary>Name and one line of description.</summary>
    public static IReadOnlyList<(string Name, string Description)> All { get; } = [.. Entries.Select(e => (e.Name, e.Description))];

    /// <summary>The names, in the catalog's order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Entries.Select(e => e.Name)];

    /// <summary>A usual learning rate of the rule, as a multiple of Adam's for the same network: rules of thumb from the papers.</summary>
    public static double UsualRate(string name) => Find(name).Rate;

    /// <summary>Creates an optimizer.</summary>
    /// <exception cref="OptionsException">The name is unknown (the nearest one is named), a value is out of range, or a setting has no effect on this rule.</exception>
    public static Optimizer Create(string name, OptimizerOptions? options = null)
    {
        options ??= new OptimizerOptions();
        var entry = Find(name);
        var problems = Problems(name, entry.Uses, options);
        return problems.Count == 0 ? entry.Create(options) : throw new OptionsException(problems);
    }

    private static Entry Find(string name)
        => Array.Find(Entries, e => e.Name == name) ?? throw new OptionsException($"There is no optimizer '{name}'.{NearestName.Hint(name, Names)} Known: {string.Join(", ", Names)}.");

    private static List<string> Problems(string name, string[] uses, OptimizerOptions options)
    {
        var problems = new List<string>();
        void Check(string key, bool isSet, bool isValid, string range)
        {
            if (!isSet) return;
            if (!uses.Contains(key)) problems.Add($"training.{key} has no effect on the optimizer '{name}'. Remove it, or choose another optimizer.");
            else if (!isValid) problems.Add($"training.{key} has to be {range}.");
        }
        Check(Beta1, options.Beta1 is not null, options.Beta1 is >= 0 and < 1, "in [0, 1)");
        Check(Beta2, options.Beta2 is not null, options.Beta2 is >= 0 and < 1, "in [0, 1)");
        Check(Beta3, options.Beta3 is not null, options.Beta3 is >= 0 and < 1, "in [0, 1)");
        Check(Epsilon, options.Epsilon is not null, options.Epsilon is > 0 and < 1, "in (0, 1)");
        Check(Momentum, options.Momentum is not null, options.Momentum is >= 0 and < 1, "in [0, 1)");
        Check(Nesterov, options.Nesterov is not null, options.Nesterov != true || options.Momentum > 0, "used together with momentum");
        Check(Amsgrad, options.Amsgrad is not null, true, "");
        Check(Centered, options.Centered is not null, true, "");
        Check(Scale, options.ScaleByWeight is not null, true, "");
        return problems;
    }

    private sealed record Entry(string Name, string Description, double Rate, string[] Uses, Func<OptimizerOptions, Optimizer> Create);
}
