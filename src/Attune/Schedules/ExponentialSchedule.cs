namespace Attune.Schedules;

/// <summary>gamma^(steps since the warm-up) (torch <c>ExponentialLR</c>).</summary>
/// <param name="totalSteps">Planned optimizer steps.</param>
/// <param name="warmupSteps">Steps of linear warm-up.</param>
/// <param name="gamma">Factor of each step, (0, 1]; default null: so that the last step has the factor 0.01.</param>
public sealed class ExponentialSchedule(long totalSteps, long warmupSteps = 0, double? gamma = null) : Schedule(totalSteps, warmupSteps)
{
    private readonly double _gamma = gamma ?? GammaFor(totalSteps, warmupSteps, 0.01);

    /// <inheritdoc/>
    public override string Name => "exponential";

    /// <summary>The factor of each step with which the run ends at <paramref name="minimum"/>.</summary>
    public static double GammaFor(long totalSteps, long warmupSteps, double minimum) => Math.Pow(minimum, 1.0 / Math.Max(1, totalSteps - warmupSteps));

    private protected override double AfterWarmup(long step) => Math.Pow(_gamma, step - WarmupSteps);
}
