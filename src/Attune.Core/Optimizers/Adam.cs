namespace Attune.Optimizers;

/// <summary>
/// Adam (Kingma and Ba 2015, arXiv:1412.6980, algorithm 1): m ← m + (1 - β₁)(g - m), v ← β₂v + (1 - β₂)g²,
/// w ← w - η/(1 - β₁ᵗ) · m / (√v/√(1 - β₂ᵗ) + ε). Weight decay is L2: g ← g + λw first. Equals torch <c>Adam</c>; prefer <see cref="AdamW"/> with decay.
/// </summary>
public sealed class Adam(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, bool amsgrad = false) : AdamRule(beta1, beta2, epsilon, amsgrad)
{
    /// <inheritdoc/>
    public override string Name => "adam";

    /// <inheritdoc/>
    public override bool IsDecoupled => false;
}
