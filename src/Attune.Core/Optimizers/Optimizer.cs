namespace Attune.Optimizers;

/// <summary>
/// An update rule over flat fp32 memory. Element-wise: any split of a weight into ranges gives the same bits, so engines may run ranges in parallel.
/// Implementations are immutable; state lives in buffers that the engine owns and checkpoints save.
/// </summary>
public abstract class Optimizer
{
    /// <summary>Name under which users choose it: <c>adamw</c>, <c>adam</c>, <c>sgd</c>.</summary>
    public abstract string Name { get; }

    /// <summary>State floats kept per parameter, 0 to 2.</summary>
    public abstract int StateCount { get; }

    /// <summary>Updates <paramref name="weights"/> in place from <paramref name="gradients"/>.</summary>
    /// <param name="weights">Parameters.</param>
    /// <param name="gradients">Gradients of the same elements, before <see cref="UpdateStep.GradientScale"/>.</param>
    /// <param name="state1">First state buffer, or empty.</param>
    /// <param name="state2">Second state buffer, or empty.</param>
    /// <param name="update">Step number, rate, decay and gradient scale.</param>
    public abstract void Update(Span<float> weights, ReadOnlySpan<float> gradients, Span<float> state1, Span<float> state2, in UpdateStep update);
}

/// <summary>What one update needs besides the memory.</summary>
/// <param name="Step">Optimizer step, 0-based; bias correction uses Step + 1.</param>
/// <param name="LearningRate">Rate of this step for these elements (schedule × group scale).</param>
/// <param name="WeightDecay">Decay for these elements; decoupled or L2 as the rule defines.</param>
/// <param name="GradientScale">Factor applied to gradients first (clipping); 1 when none.</param>
public readonly record struct UpdateStep(long Step, double LearningRate, double WeightDecay, float GradientScale);
