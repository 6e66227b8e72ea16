namespace Attune.Optimizers;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2): w ← w·(1 - ηλ) before <see cref="Adam"/>'s step,
/// so that decay is not rescaled by the gradient's history. Equals torch <c>AdamW</c>, and <see cref="Adam"/> when the decay is 0.
/// </summary>
public sealed class AdamW(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, bool amsgrad = false) : AdamRule(beta1, beta2, epsilon, amsgrad)
{
    /// <inheritdoc/>
    public override string Name => "adamw";

    /// <inheritdoc/>
    public override bool IsDecoupled => true;
}
