namespace Attune.Schedules;

/// <summary>minimum + (1 - minimum)·(1 - progress)^power (Hugging Face <c>polynomial</c>).</summary>
/// <param name="totalSteps">Planned optimizer steps; the factor is the minimum from there on.</param>
/// <param name="warmupSteps">Steps of linear warm-up.</param>
/// <param name="power">Power &gt; 0; default 2. 1 is a straight line.</param>
/// <param name="minimum">Lowest factor, [0, 1); default 0.</param>
public sealed class PolynomialSchedule(long totalSteps, long warmupSteps = 0, double power = 2, double minimum = 0) : Schedule(totalSteps, warmupSteps)
{
    /// <inheritdoc/>
    public override string Name => "polynomial";

    private protected override double AfterWarmup(long step) => minimum + (1 - minimum) * Math.Pow(Math.Max(0, 1 - Progress(step)), power);
}
