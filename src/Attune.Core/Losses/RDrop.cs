namespace Attune.Losses;

/// <summary>
/// Two passes of each row with other dropout: the mean of both losses + α·½(KL(p₁ ‖ p₂) + KL(p₂ ‖ p₁)), mean over the rows (Wu et al. 2021, arXiv:2106.14448, equation 4).
/// Outputs [2R, width]: the two passes of a row stand one after the other, with its target twice. For real values the term is the squared difference.
/// </summary>
/// <param name="inner">The loss of each pass.</param>
/// <param name="kind">What the outputs mean.</param>
/// <param name="alpha">α ≥ 0; the paper uses 0.5 to 5.</param>
public sealed class RDrop(Loss inner, OutputKind kind, double alpha) : RegularizedLoss(inner, kind)
{
    /// <inheritdoc/>
    public override string Name => $"{Inner.Name} with r-drop";

    /// <inheritdoc/>
    public override int ForwardPasses => 2;

    /// <inheritdoc/>
    public override double Count(in LossTargets targets) => Inner.Count(targets) / 2;

    /// <inheritdoc/>
    public override double Sum(ReadOnlySpan<float> outputs, int width, in LossTargets targets, Span<float> gradient, float scale)
    {
        if (targets.Rows % 2 != 0) throw new ArgumentException($"{Name}: {targets.Rows} rows; it needs two passes of each row, one after the other.");
        var sum = Inner.Sum(outputs, width, targets, gradient, scale / 2) / 2;
        for (var row = 0; row < targets.Rows; row += 2)
        {
            var factor = alpha * Weight(targets, row, width);
            if (factor == 0) continue;
            var (a, b) = (row * width, (row + 1) * width);
            sum += factor * Divergence.Symmetric(Kind, outputs.Slice(a, width), outputs.Slice(b, width), factor * scale,
                gradient.IsEmpty ? [] : gradient.Slice(a, width), gradient.IsEmpty ? [] : gradient.Slice(b, width));
        }
        return sum;
    }
}
