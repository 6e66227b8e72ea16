namespace Attune.Schedules;

/// <summary>
/// Rises from the minimum to 1, stays there, and falls back along half a cosine in the last steps (Hu et al. 2024, arXiv:2404.06395, section 4; Hugging Face
/// <c>warmup_stable_decay</c>): a run can be continued from its stable part.
/// </summary>
/// <param name="totalSteps">Planned optimizer steps; the factor is the minimum from there on.</param>
/// <param name="warmupSteps">Steps of linear warm-up, from the minimum.</param>
/// <param name="decaySteps">Steps of the fall; default null: a fifth of all.</param>
/// <param name="minimum">Lowest factor, [0, 1); default 0.</param>
public sealed class WarmupStableDecaySchedule(long totalSteps, long warmupSteps = 0, long? decaySteps = null, double minimum = 0) : Schedule(totalSteps, warmupSteps)
{
    private readonly long _decay = Math.Max(1, Math.Min(decaySteps ?? totalSteps / 5, totalSteps - warmupSteps));

    /// <inheritdoc/>
    public override string Name => "warmup-stable-decay";

    /// <inheritdoc/>
    public override double Factor(long step) => minimum + (1 - minimum) * base.Factor(step);

    private protected override double AfterWarmup(long step)
    {
        var falling = step - (TotalSteps - _decay);
        return falling <= 0 ? 1 : falling >= _decay ? 0 : 0.5 * (1 + Math.Cos(Math.PI * falling / _decay));
    }
}
