namespace Attune.Optimizers;

/// <summary>
/// An update rule over flat fp32 memory. Implementations are immutable; state lives in buffers that the engine owns and checkpoints save. A rule that is element-wise gives
/// the same bits for any split of a weight into ranges, so engines may run ranges in parallel; the others are given whole weights.
/// </summary>
public abstract class Optimizer
{
    /// <summary>Name under which users choose it: <c>adamw</c>, <c>adam</c>, <c>sgd</c>.</summary>
    public abstract string Name { get; }

    /// <summary>State floats kept per parameter, 0 to 4.</summary>
    public abstract int StateCount { get; }

    /// <summary>True (default) when each element is updated on its own; false when <see cref="Update"/> needs a whole weight and its sizes (<see cref="UpdateStep.Sizes"/>).</summary>
    public virtual bool IsElementwise => true;

    /// <summary>Updates <paramref name="weights"/> in place from <paramref name="gradients"/>.</summary>
    /// <param name="weights">Parameters.</param>
    /// <param name="gradients">Gradients of the same elements, before <see cref="UpdateStep.GradientScale"/>.</param>
    /// <param name="state">State of the same elements, zeros before the first step.</param>
    /// <param name="update">Step number, rate, decay and gradient scale.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public abstract void Update(Span<float> weights, ReadOnlySpan<float> gradients, in OptimizerState state, in UpdateStep update);

    private protected void CheckLengths(int weights, int gradients, in OptimizerState state)
    {
        if (gradients != weights) throw new ArgumentException($"{weights} weights with {gradients} gradients; both need one length.");
        for (var i = 0; i < StateCount; i++)
        {
            if (state[i].Length != weights) throw new ArgumentException($"{weights} weights with {state[i].Length} values of state {i + 1}; {Name} keeps {StateCount} per weight.");
        }
    }
}
