namespace Attune.Schedules;

/// <summary>
/// ½(1 + cos(2π·cycles·progress)), falling from 1 to 0 with the default half cycle (Loshchilov and Hutter 2017, arXiv:1608.03983, equation 5, without
/// restarts; Hugging Face <c>cosine</c> and <c>cosine_with_min_lr</c>, torch <c>CosineAnnealingLR</c>).
/// </summary>
/// <param name="totalSteps">Planned optimizer steps.</param>
/// <param name="warmupSteps">Steps of linear warm-up.</param>
/// <param name="cycles">Number of cosine cycles; default 0.5.</param>
/// <param name="minimum">Lowest factor, [0, 1); default 0.</param>
public sealed class CosineSchedule(long totalSteps, long warmupSteps = 0, double cycles = 0.5, double minimum = 0) : Schedule(totalSteps, warmupSteps)
{
    /// <inheritdoc/>
    public override string Name => "cosine";

    // Past TotalSteps it rises again, as in the source; a run never gets there.
    private protected override double AfterWarmup(long step) => minimum + (1 - minimum) * Math.Max(0, 0.5 * (1 + Math.Cos(2 * Math.PI * cycles * Progress(step))));
}
