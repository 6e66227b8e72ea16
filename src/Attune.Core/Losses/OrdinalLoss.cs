namespace Attune.Losses;

/// <summary>
/// Squared earth mover's distance between softmax outputs and the class, for classes with an order: Σₖ (p₀ + … + pₖ - [t ≤ k])² (Hou et al. 2016, arXiv:1611.05916,
/// equation 6), mean over the rows that are not ignored. A miss by two classes costs more than a miss by one, which cross-entropy does not know.
/// </summary>
public sealed class OrdinalLoss : Loss
{
    /// <inheritdoc/>
    public override string Name => "ordinal";

    /// <inheritdoc/>
    public override double Count(in LossTargets targets)
    {
        var count = 0;
        foreach (var label in targets.Labels) count += label == CrossEntropy.IgnoreIndex ? 0 : 1;
        return count;
    }

    /// <inheritdoc/>
    public override double Sum(ReadOnlySpan<float> outputs, int width, in LossTargets targets, Span<float> gradient, float scale)
    {
        LossShapes.Classes(Name, outputs.Length, width, targets, gradient.Length);
        double[] p = new double[width], gap = new double[width];
        double sum = 0;
        for (var row = 0; row < targets.Rows; row++)
        {
            var label = targets.Labels[row];
            var slope = gradient.IsEmpty ? [] : gradient.Slice(row * width, width);
            if (label == CrossEntropy.IgnoreIndex)
            {
                slope.Clear();
                continue;
            }
            if ((uint)label >= (uint)width) throw new ArgumentException($"{Name}: the label of row {row} is {label}; it has to be in [0, {width}), or {CrossEntropy.IgnoreIndex} to be ignored.");
            Softmax.Log(outputs.Slice(row * width, width), 1, p);
            double cumulated = 0;
            for (var k = 0; k < width; k++)
            {
                p[k] = Math.Exp(p[k]);
                cumulated += p[k];
                gap[k] = cumulated - (label <= k ? 1 : 0);
                sum += gap[k] * gap[k];
            }
            if (slope.IsEmpty) continue;
            double from = 0, mean = 0;   // slope by pⱼ: 2·Σ over k ≥ j of the gaps
            for (var k = width - 1; k >= 0; k--) mean += p[k] * (gap[k] = from += 2 * gap[k]);
            for (var k = 0; k < width; k++) slope[k] = (float)(scale * p[k] * (gap[k] - mean));
        }
        return sum;
    }
}
