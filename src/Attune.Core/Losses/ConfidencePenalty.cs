namespace Attune.Losses;

/// <summary>
/// loss - β·H(p): outputs that are surer than they need to be cost (Pereyra et al. 2017, arXiv:1701.06548, equation 3). H is the entropy of a row's softmax, or of each sigmoid.
/// Can be negative.
/// </summary>
/// <param name="inner">The loss against the labels.</param>
/// <param name="kind">Softmax or sigmoid.</param>
/// <param name="beta">β ≥ 0; the paper uses 0.1 to 4.</param>
public sealed class ConfidencePenalty(Loss inner, OutputKind kind, double beta) : RegularizedLoss(inner, kind == OutputKind.Identity ? throw new ArgumentException("Real values have no entropy.", nameof(kind)) : kind)
{
    /// <inheritdoc/>
    public override string Name => $"{Inner.Name} with a confidence penalty";

    /// <inheritdoc/>
    public override double Sum(ReadOnlySpan<float> outputs, int width, in LossTargets targets, Span<float> gradient, float scale)
    {
        var sum = Inner.Sum(outputs, width, targets, gradient, scale);
        for (var row = 0; row < targets.Rows; row++)
        {
            var factor = beta * Weight(targets, row, width);
            if (factor == 0) continue;
            sum -= factor * Divergence.Entropy(Kind, outputs.Slice(row * width, width), -factor * scale, gradient.IsEmpty ? [] : gradient.Slice(row * width, width));
        }
        return sum;
    }
}
