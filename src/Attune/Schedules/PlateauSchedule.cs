namespace Attune.Schedules;

/// <summary>
/// Constant until the validation metric has not improved for some validations, then lower by a factor, again and again (torch <c>ReduceLROnPlateau</c>, whose relative
/// threshold it has). A metric that is undefined counts neither way.
/// </summary>
/// <param name="totalSteps">Planned optimizer steps.</param>
/// <param name="warmupSteps">Steps of linear warm-up.</param>
/// <param name="factor">Factor of a drop, (0, 1); default 0.1.</param>
/// <param name="patience">Validations without improvement that are waited for; default 3.</param>
/// <param name="threshold">Share of the best metric by which a better one has to be better; default 1e-4.</param>
/// <param name="cooldown">Validations after a drop that do not count; default 0.</param>
/// <param name="minimum">Lowest factor, [0, 1); default 0.</param>
public sealed class PlateauSchedule(long totalSteps, long warmupSteps = 0, double factor = 0.1, int patience = 3, double threshold = 1e-4, int cooldown = 0, double minimum = 0) : Schedule(totalSteps, warmupSteps)
{
    /// <inheritdoc/>
    public override string Name => "plateau";

    /// <inheritdoc/>
    public override PlateauState Observe(PlateauState state, double metric, bool higherIsBetter)
    {
        if (double.IsNaN(metric)) return state;
        var isBetter = state.Best is not { } best || (higherIsBetter ? metric > best + threshold * Math.Abs(best) : metric < best - threshold * Math.Abs(best));
        var (waited, resting) = (isBetter ? 0 : state.Waited + 1, state.Cooldown);
        if (resting > 0) (waited, resting) = (0, resting - 1);
        if (waited <= patience) return state with { Best = isBetter ? metric : state.Best, Waited = waited, Cooldown = resting };
        return new PlateauState(Math.Max(minimum, state.Factor * factor), state.Best, 0, cooldown);
    }

    private protected override double AfterWarmup(long step) => 1;
}
