namespace Attune.Schedules;

/// <summary>Settings of the schedules; null takes the schedule's default, and each schedule refuses those it does not use.</summary>
public sealed record ScheduleOptions
{
    /// <summary>Lowest factor on the peak rate, [0, 1). Default null: 0; of <c>exponential</c> 0.01, of <c>one-cycle</c> 4e-6.</summary>
    public double? Minimum { get; init; }

    /// <summary>Cosine cycles, &gt; 0: of <c>cosine</c> default half a one, of <c>cosine-restarts</c> (whole ones) 3.</summary>
    public double? Cycles { get; init; }

    /// <summary>Length of each cycle of <c>cosine-restarts</c> over that of the one before, ≥ 1. Default null: 1.</summary>
    public double? CycleGrowth { get; init; }

    /// <summary>Power of <c>polynomial</c>, &gt; 0. Default null: 2.</summary>
    public double? Power { get; init; }

    /// <summary>Factor of each drop of <c>step</c> and <c>plateau</c>, (0, 1). Default null: 0.1.</summary>
    public double? Gamma { get; init; }

    /// <summary>Share of all steps after which <c>step</c> drops, again and again, (0, 1]. Default null: a third.</summary>
    public double? DropEvery { get; init; }

    /// <summary>Share of all steps over which <c>warmup-stable-decay</c> falls at the end, (0, 1]. Default null: 0.2.</summary>
    public double? DecayRatio { get; init; }

    /// <summary>Validations without improvement that <c>plateau</c> waits for, ≥ 0. Default null: 3.</summary>
    public int? Patience { get; init; }

    /// <summary>Share of the best metric by which <c>plateau</c> demands a better one, ≥ 0. Default null: 1e-4.</summary>
    public double? Threshold { get; init; }
}
