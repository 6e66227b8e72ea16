namespace Attune.Optimizers;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2): w ← w·(1 - ηλ) before <see cref="Adam"/>'s step,
/// so that decay is not rescaled by the gradient's history. Equals torch <c>AdamW</c>, and <see cref="Adam"/> when the decay is 0.
/// </summary>
public sealed class AdamW(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8) : Optimizer
{
    /// <summary>First moment decay.</summary>
    public double Beta1 { get; } = beta1;

    /// <summary>Second moment decay.</summary>
    public double Beta2 { get; } = beta2;

    /// <summary>Denominator constant.</summary>
    public double Epsilon { get; } = epsilon;

    /// <inheritdoc/>
    public override string Name => "adamw";

    /// <inheritdoc/>
    public override int StateCount => 2;

    /// <inheritdoc/>
    public override void Update(Span<float> weights, ReadOnlySpan<float> gradients, Span<float> state1, Span<float> state2, in UpdateStep update)
        => new AdamStep(Beta1, Beta2, Epsilon, update, decoupled: true).Apply(weights, gradients, state1, state2);
}
