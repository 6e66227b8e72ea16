namespace Attune.Schedules;

/// <summary>
/// 1/√((step - warm-up + s)/s) with the timescale s = warm-up steps, or 10,000 without warm-up (Vaswani et al. 2017, arXiv:1706.03762, section 5.3; Hugging Face
/// <c>inverse_sqrt</c>): falls without knowing the run's end.
/// </summary>
/// <param name="totalSteps">Planned optimizer steps.</param>
/// <param name="warmupSteps">Steps of linear warm-up.</param>
/// <param name="timescale">s &gt; 0; default null: see above.</param>
public sealed class InverseSqrtSchedule(long totalSteps, long warmupSteps = 0, long? timescale = null) : Schedule(totalSteps, warmupSteps)
{
    private readonly long _timescale = timescale ?? (warmupSteps > 0 ? warmupSteps : 10_000);

    /// <inheritdoc/>
    public override string Name => "inverse-sqrt";

    private protected override double AfterWarmup(long step) => 1 / Math.Sqrt((step - WarmupSteps + _timescale) / (double)_timescale);
}
