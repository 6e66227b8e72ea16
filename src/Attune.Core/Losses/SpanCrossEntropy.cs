namespace Attune.Losses;

/// <summary>
/// Cross-entropy of where a span begins and ends among the tokens of a sequence: outputs [U, 2] are a start and an end score for each token; the loss of a sequence is
/// (−log softmax(starts)[start] − log softmax(ends)[end]) / 2, as transformers' question answering heads have it, and counts 1. A label is a sum of marks: <see cref="First"/> for the first token
/// of a sequence, <see cref="Start"/> and <see cref="End"/> for the span's ends. A side without a mark adds nothing.
/// </summary>
public sealed class SpanCrossEntropy : Loss
{
    /// <summary>Mark of the first token of a sequence.</summary>
    public const int First = 1;

    /// <summary>Mark of the span's first token.</summary>
    public const int Start = 2;

    /// <summary>Mark of the span's last token.</summary>
    public const int End = 4;

    /// <inheritdoc/>
    public override string Name => "span-cross-entropy";

    /// <inheritdoc/>
    public override double Count(in LossTargets targets)
    {
        var count = 0;
        for (var row = 0; row < targets.Rows; row++)
        {
            if (row == 0 || (targets.Labels[row] & First) != 0) count++;
        }
        return count;
    }

    /// <inheritdoc/>
    public override double Sum(ReadOnlySpan<float> outputs, int width, in LossTargets targets, Span<float> gradient, float scale)
    {
        LossShapes.Classes(Name, outputs.Length, width, targets, gradient.Length);
        if (width != 2) throw new ArgumentException($"{Name}: outputs have a width of {width}; a start and an end score were expected.");
        double sum = 0;
        for (var first = 0; first < targets.Rows;)
        {
            var end = first + 1;
            while (end < targets.Rows && (targets.Labels[end] & First) == 0) end++;
            for (var side = 0; side < 2; side++) sum += Side(outputs, targets.Labels, gradient, first, end, side, scale) / 2;
            first = end;
        }
        return sum;
    }

    private static double Side(ReadOnlySpan<float> outputs, ReadOnlySpan<int> labels, Span<float> gradient, int first, int end, int side, float scale)
    {
        var (mark, truth) = (side == 0 ? Start : End, -1);
        var max = double.NegativeInfinity;
        for (var row = first; row < end; row++)
        {
            if ((labels[row] & mark) != 0) truth = row;
            max = Math.Max(max, outputs[2 * row + side]);
        }
        double total = 0;
        for (var row = first; row < end; row++) total += Math.Exp(outputs[2 * row + side] - max);
        for (var row = first; row < end && !gradient.IsEmpty; row++)
            gradient[2 * row + side] = truth < 0 ? 0 : (float)((Math.Exp(outputs[2 * row + side] - max) / total - (row == truth ? 1 : 0)) * scale / 2);
        return truth < 0 ? 0 : max + Math.Log(total) - outputs[2 * truth + side];
    }
}
