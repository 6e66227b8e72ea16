namespace Attune.Schedules;

/// <summary>Factor on the base learning rate by optimizer step (never by micro-step). Immutable.</summary>
public abstract class Schedule
{
    private protected Schedule(long totalSteps, long warmupSteps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(totalSteps);
        ArgumentOutOfRangeException.ThrowIfNegative(warmupSteps);
        (TotalSteps, WarmupSteps) = (totalSteps, warmupSteps);
    }

    /// <summary>Name under which users choose it: <c>constant</c>, <c>cosine</c>, <c>linear</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Planned optimizer steps, warm-up included.</summary>
    public long TotalSteps { get; }

    /// <summary>Steps that rise linearly from 0: step i &lt; WarmupSteps has the factor i / WarmupSteps.</summary>
    public long WarmupSteps { get; }

    /// <summary>Factor of a step, 0-based, in [0, 1]. The first step of a warm-up has rate 0, as in Hugging Face's schedules.</summary>
    public virtual double Factor(long step) => step < WarmupSteps ? step / (double)Math.Max(1, WarmupSteps) : AfterWarmup(step);

    /// <summary>What a validation changes: a further factor on the rate of the steps after it. Most schedules look at steps alone and return the state as it is.</summary>
    /// <param name="state">State before; <see cref="PlateauState.Start"/> at first.</param>
    /// <param name="metric">The validation metric.</param>
    /// <param name="higherIsBetter">Its direction.</param>
    public virtual PlateauState Observe(PlateauState state, double metric, bool higherIsBetter) => state;

    /// <summary>Factor of a step that is past the warm-up.</summary>
    private protected abstract double AfterWarmup(long step);

    /// <summary>Share of the way from the end of the warm-up to the last step, ≥ 0.</summary>
    private protected double Progress(long step) => (step - WarmupSteps) / (double)Math.Max(1, TotalSteps - WarmupSteps);
}
