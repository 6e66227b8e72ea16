namespace Attune.Optimizers;

/// <summary>What one update needs besides the memory.</summary>
/// <param name="Step">Optimizer step, 0-based; bias correction uses Step + 1.</param>
/// <param name="LearningRate">Rate of this step for these elements (schedule × group scale).</param>
/// <param name="WeightDecay">Decay for these elements; decoupled or L2 as the rule defines.</param>
/// <param name="GradientScale">Factor applied to gradients first (clipping); 1 when none.</param>
public readonly record struct UpdateStep(long Step, double LearningRate, double WeightDecay, float GradientScale)
{
    /// <summary>Sizes of the weight, for rules that are not element-wise; null: one axis.</summary>
    public IReadOnlyList<long>? Sizes { get; init; }
}
