namespace Attune.Optimizers;

/// <summary>Every optimizer that can be chosen by name, alphabetically.</summary>
public static class OptimizerCatalog
{
    private static readonly (string Name, string Description, bool Adaptive, Func<OptimizerOptions, Optimizer> Create)[] Entries =
    [
        ("adam", "Adam (Kingma and Ba 2015); decay added to the gradient.", true, o => new Adam(o.Beta1 ?? 0.9, o.Beta2 ?? 0.999, o.Epsilon ?? 1e-8)),
        ("adamw", "Adam with decoupled weight decay (Loshchilov and Hutter 2019).", true, o => new AdamW(o.Beta1 ?? 0.9, o.Beta2 ?? 0.999, o.Epsilon ?? 1e-8)),
        ("sgd", "Stochastic gradient descent with optional (Nesterov) momentum.", false, o => new Sgd(o.Momentum ?? 0, o.Nesterov ?? false)),
    ];

    /// <summary>Name and one line of description.</summary>
    public static IReadOnlyList<(string Name, string Description)> All { get; } = [.. Entries.Select(e => (e.Name, e.Description))];

    /// <summary>The names, in the catalog's order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Entries.Select(e => e.Name)];

    /// <summary>Creates an optimizer.</summary>
    /// <exception cref="OptionsException">The name is unknown (the nearest one is named), a value is out of range, or a setting has no effect on this rule.</exception>
    public static Optimizer Create(string name, OptimizerOptions? options = null)
    {
        options ??= new OptimizerOptions();
        foreach (var entry in Entries)
        {
            if (entry.Name != name) continue;
            var problems = Problems(name, entry.Adaptive, options);
            return problems.Count == 0 ? entry.Create(options) : throw new OptionsException(problems);
        }
        throw new OptionsException($"There is no optimizer '{name}'.{NearestName.Hint(name, Names)} Known: {string.Join(", ", Names)}.");
    }

    private static List<string> Problems(string name, bool adaptive, OptimizerOptions options)
    {
        var problems = new List<string>();
        void Check(string key, bool isSet, bool isUsed, bool isValid, string range)
        {
            if (!isSet) return;
            if (!isUsed) problems.Add($"training.{key} has no effect on the optimizer '{name}'. Remove it, or choose another optimizer.");
            else if (!isValid) problems.Add($"training.{key} has to be {range}.");
        }
        Check("beta1", options.Beta1 is not null, adaptive, options.Beta1 is >= 0 and < 1, "in [0, 1)");
        Check("beta2", options.Beta2 is not null, adaptive, options.Beta2 is >= 0 and < 1, "in [0, 1)");
        Check("epsilon", options.Epsilon is not null, adaptive, options.Epsilon is > 0 and < 1, "in (0, 1)");
        Check("momentum", options.Momentum is not null, !adaptive, options.Momentum is >= 0 and < 1, "in [0, 1)");
        Check("nesterov", options.Nesterov is not null, !adaptive, options.Nesterov != true || options.Momentum > 0, "used together with momentum");
        return problems;
    }
}
