namespace Attune.Schedules;

/// <summary>Every schedule that can be chosen by name, alphabetically.</summary>
public static class ScheduleCatalog
{
    private static readonly (string Name, string Description, Func<long, long, Schedule> Create)[] Entries =
    [
        ("constant", "The peak rate after the warm-up.", (total, warmup) => new ConstantSchedule(total, warmup)),
        ("cosine", "Half a cosine from the peak to 0 (Loshchilov and Hutter 2017).", (total, warmup) => new CosineSchedule(total, warmup)),
        ("linear", "A straight line from the peak to 0.", (total, warmup) => new LinearSchedule(total, warmup)),
    ];

    /// <summary>Name and one line of description; each starts with a linear warm-up.</summary>
    public static IReadOnlyList<(string Name, string Description)> All { get; } = [.. Entries.Select(e => (e.Name, e.Description))];

    /// <summary>The names, in the catalog's order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Entries.Select(e => e.Name)];

    /// <summary>Creates a schedule.</summary>
    /// <exception cref="OptionsException">The name is unknown (the nearest one is named), or the warm-up is longer than the run.</exception>
    public static Schedule Create(string name, long totalSteps, long warmupSteps = 0)
    {
        foreach (var entry in Entries)
        {
            if (entry.Name != name) continue;
            if (warmupSteps < 0 || warmupSteps > totalSteps)
                throw new OptionsException(FormattableString.Invariant($"training.warmup-steps is {warmupSteps}; it has to be between 0 and the {totalSteps} steps of the run."));
            return entry.Create(totalSteps, warmupSteps);
        }
        throw new OptionsException($"There is no schedule '{name}'.{NearestName.Hint(name, Names)} Known: {string.Join(", ", Names)}.");
    }
}
