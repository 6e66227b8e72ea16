namespace Attune.Schedules;

/// <summary>Falls linearly from 1 to 0 at <see cref="Schedule.TotalSteps"/> (Hugging Face <c>linear</c>).</summary>
public sealed class LinearSchedule(long totalSteps, long warmupSteps = 0) : Schedule(totalSteps, warmupSteps)
{
    /// <inheritdoc/>
    public override string Name => "linear";

    private protected override double AfterWarmup(long step) => Math.Max(0, (TotalSteps - step) / (double)Math.Max(1, TotalSteps - WarmupSteps));
}
