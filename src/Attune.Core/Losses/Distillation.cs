namespace Attune.Losses;

/// <summary>
/// w·loss + (1 - w)·T²·KL(teacher at T ‖ student at T) (Hinton et al. 2015, arXiv:1503.02531, section 2): the teacher's whole distribution, softened by the temperature T, is
/// the target. T² keeps the gradient's size. Outputs of yes and no count each as a distribution of its own; for real values the term is the squared difference.
/// </summary>
/// <param name="inner">The loss against the labels.</param>
/// <param name="kind">What the outputs mean.</param>
/// <param name="temperature">T &gt; 0; default 2.</param>
/// <param name="weight">Weight w of the labels in [0, 1]; default 0.5.</param>
public sealed class Distillation(Loss inner, OutputKind kind, double temperature = 2, double weight = 0.5) : RegularizedLoss(inner, kind)
{
    /// <inheritdoc/>
    public override string Name => $"{Inner.Name} with a teacher";

    /// <inheritdoc/>
    public override bool NeedsTeacher => true;

    /// <inheritdoc/>
    public override double Sum(ReadOnlySpan<float> outputs, int width, in LossTargets targets, Span<float> gradient, float scale)
    {
        LossShapes.Teacher(Name, outputs.Length, targets);
        var sum = weight * Inner.Sum(outputs, width, targets, gradient, (float)(scale * weight));
        var square = Kind == OutputKind.Identity ? 1 : temperature * temperature;
        for (var row = 0; row < targets.Rows; row++)
        {
            var factor = (1 - weight) * square * Weight(targets, row, width);
            if (factor == 0) continue;
            var slope = gradient.IsEmpty ? [] : gradient.Slice(row * width, width);
            sum += factor * Divergence.FromTarget(Kind, targets.Teacher.Slice(row * width, width), outputs.Slice(row * width, width), temperature, factor * scale, slope);
        }
        return sum;
    }
}
