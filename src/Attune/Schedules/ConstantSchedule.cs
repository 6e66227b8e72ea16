namespace Attune.Schedules;

/// <summary>1 after the warm-up (Hugging Face <c>constant_with_warmup</c>; without warm-up <c>constant</c>).</summary>
public sealed class ConstantSchedule(long totalSteps, long warmupSteps = 0) : Schedule(totalSteps, warmupSteps)
{
    /// <inheritdoc/>
    public override string Name => "constant";

    private protected override double AfterWarmup(long step) => 1;
}
