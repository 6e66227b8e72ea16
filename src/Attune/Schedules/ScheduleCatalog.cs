namespace Attune.Schedules;

/// <summary>Every schedule that can be chosen by name, alphabetically.</summary>
public static class ScheduleCatalog
{
    private const string Minimum = "minimum", Cycles = "cycles", CycleGrowth = "cycle-growth", Power = "power", Gamma = "gamma", DropEvery = "drop-every", DecayRatio = "decay-ratio", Patience = "patience", Threshold = "threshold";

    private static readonly Entry[] Entries =
    [
        new("constant", "The peak rate after the warm-up.", [], (total, warmup, _) => new ConstantSchedule(total, warmup)),
        new("cosine", "Half a cosine from the peak to 0 (Loshchilov and Hutter 2017).", [Cycles, Minimum], (total, warmup, o) => new CosineSchedule(total, warmup, o.Cycles ?? 0.5, o.Minimum ?? 0)),
        new("cosine-restarts", "Half a cosine, again and again from the peak (the same).", [Cycles, CycleGrowth, Minimum], (total, warmup, o) => new CosineRestartsSchedule(total, warmup, (int)(o.Cycles ?? 3), o.CycleGrowth ?? 1, o.Minimum ?? 0)),
        new("exponential", "The same factor at every step.", [Minimum], (total, warmup, o) => new ExponentialSchedule(total, warmup, ExponentialSchedule.GammaFor(total, warmup, o.Minimum is > 0 and var m ? m : 0.01))),
        new("inverse-sqrt", "One over the root of the step: needs no known end (Vaswani et al. 2017).", [], (total, warmup, _) => new InverseSqrtSchedule(total, warmup)),
        new("linear", "A straight line from the peak to 0.", [], (total, warmup, _) => new LinearSchedule(total, warmup)),
        new("one-cycle", "Up from a 25th of the peak during the warm-up, then down far below (Smith and Topin 2019).", [Minimum], (total, warmup, o) => new OneCycleSchedule(total, (warmup + 1.0) / Math.Max(1, total), 25, o.Minimum is > 0 and var m ? 1 / 25.0 / m : 1e4)),
        new("plateau", "Lower whenever the validation metric stops getting better.", [Gamma, Patience, Threshold, Minimum], (total, warmup, o) => new PlateauSchedule(total, warmup, o.Gamma ?? 0.1, o.Patience ?? 3, o.Threshold ?? 1e-4, 0, o.Minimum ?? 0)),
        new("polynomial", "A power of the way that is left.", [Power, Minimum], (total, warmup, o) => new PolynomialSchedule(total, warmup, o.Power ?? 2, o.Minimum ?? 0)),
        new("step", "Sudden drops at equal distances.", [Gamma, DropEvery], (total, warmup, o) => new StepSchedule(total, warmup, o.DropEvery is { } share ? (long)Math.Ceiling(share * total) : null, o.Gamma ?? 0.1)),
        new("warmup-stable-decay", "The peak rate, and half a cosine in the last steps (Hu et al. 2024).", [DecayRatio, Minimum], (total, warmup, o) => new WarmupStableDecaySchedule(total, warmup, (long)Math.Ceiling((o.DecayRatio ?? 0.2) * total), o.Minimum ?? 0)),
    ];

    /// <summary>Name and one line of description; each starts with a linear warm-up.</summary>
    public static IReadOnlyList<(string Name, string Description)> All { get; } = [.. Entries.Select(e => (e.Name, e.Description))];

    /// <summary>The names, in the catalog's order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Entries.Select(e => e.Name)];

    /// <summary>Creates a schedule.</summary>
    /// <exception cref="OptionsException">The name is unknown (the nearest one is named), the warm-up is longer than the run, a setting is out of range or has no effect on this schedule.</exception>
    public static Schedule Create(string name, long totalSteps, long warmupSteps = 0, ScheduleOptions? options = null)
    {
        options ??= new ScheduleOptions();
        var entry = Array.Find(Entries, e => e.Name == name) ?? throw new OptionsException($"There is no schedule '{name}'.{NearestName.Hint(name, Names)} Known: {string.Join(", ", Names)}.");
        if (Problems(entry, options) is { Count: > 0 } problems) throw new OptionsException(problems);
        if (warmupSteps < 0 || warmupSteps > totalSteps)
            throw new OptionsException(FormattableString.Invariant($"training.warmup-steps is {warmupSteps}; it has to be between 0 and the {totalSteps} steps of the run."));
        return entry.Create(totalSteps, warmupSteps, options);
    }

    private static List<string> Problems(Entry entry, ScheduleOptions options)
    {
        var problems = new List<string>();
        void Check(string key, double? value, Func<double, bool> isValid, string range)
        {
            if (value is not { } given) return;
            if (!entry.Uses.Contains(key)) problems.Add($"training.schedule-{key} has no effect on the schedule '{entry.Name}'. Remove it, or choose another schedule.");
            else if (!isValid(given)) problems.Add(FormattableString.Invariant($"training.schedule-{key} is {given}; it has to be {range}."));
        }
        Check(Minimum, options.Minimum, v => v is >= 0 and < 1, "in [0, 1)");
        if (entry.Name == "cosine-restarts") Check(Cycles, options.Cycles, v => v is >= 1 and <= 1e6 && Math.Floor(v) == v, "a whole number, at least 1");
        else Check(Cycles, options.Cycles, v => v is > 0 and <= 1e6, "above 0");
        Check(CycleGrowth, options.CycleGrowth, v => v is >= 1 and <= 100, "in [1, 100]");
        Check(Power, options.Power, v => v is > 0 and <= 100, "in (0, 100]");
        Check(Gamma, options.Gamma, v => v is > 0 and < 1, "in (0, 1)");
        Check(DropEvery, options.DropEvery, v => v is > 0 and <= 1, "in (0, 1]");
        Check(DecayRatio, options.DecayRatio, v => v is > 0 and <= 1, "in (0, 1]");
        Check(Patience, options.Patience, v => v >= 0, "at least 0");
        Check(Threshold, options.Threshold, v => v is >= 0 and < 1, "in [0, 1)");
        return problems;
    }

    private sealed record Entry(string Name, string Description, string[] Uses, Func<long, long, ScheduleOptions, Schedule> Create);
}
