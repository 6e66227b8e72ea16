namespace Attune.Losses;

/// <summary>
/// Mean squared difference plus 1 - cosine between a student's and a teacher's hidden vectors [R, D], mean over the rows (Sanh et al. 2019, arXiv:1910.01108, section 3, whose
/// cosine term this is; Jiao et al. 2020, arXiv:1909.10351, for the squared one). Targets: the teacher's vectors as values [R, D].
/// </summary>
public sealed class FeatureDistillation : Loss
{
    /// <inheritdoc/>
    public override string Name => "feature-distillation";

    /// <inheritdoc/>
    public override double Count(in LossTargets targets) => targets.Rows;

    /// <inheritdoc/>
    public override double Sum(ReadOnlySpan<float> outputs, int width, in LossTargets targets, Span<float> gradient, float scale)
    {
        LossShapes.Values(Name, outputs.Length, width, targets, gradient.Length);
        double sum = 0;
        for (var start = 0; start < outputs.Length; start += width)
        {
            double dot = 0, own = 0, other = 0, squares = 0;
            for (var i = start; i < start + width; i++)
            {
                double s = outputs[i], t = targets.Values[i];
                (dot, own, other, squares) = (dot + s * t, own + s * s, other + t * t, squares + (s - t) * (s - t));
            }
            var length = Math.Sqrt(own) * Math.Sqrt(other);
            var cosine = length == 0 ? 0 : dot / length;
            sum += squares / width + 1 - cosine;
            if (gradient.IsEmpty) continue;
            for (var i = start; i < start + width; i++)
            {
                double s = outputs[i], t = targets.Values[i];
                gradient[i] = (float)(scale * (2 * (s - t) / width - (length == 0 ? 0 : t / length - cosine * s / own)));
            }
        }
        return sum;
    }
}
