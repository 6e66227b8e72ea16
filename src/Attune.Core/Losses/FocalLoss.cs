namespace Attune.Losses;

/// <summary>
/// Cross-entropy that fades on rows that are already right (Lin et al. 2017, arXiv:1708.02002, equations 4 and 5). Class indices [rows]: -w_t·(1 - p_t)^γ·log p_t over
/// softmax outputs [rows, K], mean over the rows that are not ignored (not over the weights). Targets in [0, 1] [rows, width]: the same over sigmoid outputs with α_t =
/// α·y + (1 - α)·(1 - y) in front, mean over all elements; equals torchvision <c>sigmoid_focal_loss</c>. With γ = 0 and no weights it is the cross-entropy.
/// </summary>
/// <param name="gamma">γ ≥ 0; default 2 (the paper's choice).</param>
/// <param name="alpha">α in [0, 1] of the sigmoid form; default null: no weighting.</param>
/// <param name="classWeights">w [K] of the softmax form; default all 1.</param>
public sealed class FocalLoss(double gamma = 2, double? alpha = null, IReadOnlyList<float>? classWeights = null) : Loss
{
    private readonly float[]? _classWeights = classWeights is null ? null : [.. classWeights];

    /// <inheritdoc/>
    public override string Name => "focal";

    /// <inheritdoc/>
    public override double Count(in LossTargets targets)
    {
        if (targets.Labels.IsEmpty) return (double)targets.Rows * targets.ValueWidth;
        var count = 0;
        foreach (var label in targets.Labels) count += label == CrossEntropy.IgnoreIndex ? 0 : 1;
        return count;
    }

    /// <inheritdoc/>
    public override double Sum(ReadOnlySpan<float> outputs, int width, in LossTargets targets, Span<float> gradient, float scale)
        => targets.Labels.IsEmpty ? SigmoidSum(outputs, width, targets, gradient, scale) : SoftmaxSum(outputs, width, targets, gradient, scale);

    private double SigmoidSum(ReadOnlySpan<float> outputs, int width, in LossTargets targets, Span<float> gradient, float scale)
    {
        LossShapes.Values(Name, outputs.Length, width, targets, gradient.Length);
        double sum = 0;
        for (var i = 0; i < outputs.Length; i++)
        {
            double x = outputs[i], y = targets.Values[i];
            double p = Softmax.Sigmoid(x), q = Softmax.Sigmoid(-x);
            var entropy = -(y * Softmax.LogSigmoid(x) + (1 - y) * Softmax.LogSigmoid(-x));
            var miss = q * y + p * (1 - y);   // 1 - p_t
            var weight = alpha is { } a ? a * y + (1 - a) * (1 - y) : 1;
            var fade = Math.Pow(miss, gamma);
            sum += weight * fade * entropy;
            if (!gradient.IsEmpty) gradient[i] = (float)(scale * weight * (fade * (p - y) - Slope(miss) * entropy * p * q * (2 * y - 1)));
        }
        return sum;
    }

    private double SoftmaxSum(ReadOnlySpan<float> outputs, int width, in LossTargets targets, Span<float> gradient, float scale)
    {
        LossShapes.Classes(Name, outputs.Length, width, targets, gradient.Length);
        if (_classWeights is not null && _classWeights.Length != width) throw new ArgumentException($"{Name}: {_classWeights.Length} class weights for {width} classes.");
        var logs = new double[width];
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
            Softmax.Log(outputs.Slice(row * width, width), 1, logs);
            double miss = 0;   // 1 - p_t, from the others: exact where p_t is nearly 1
            for (var k = 0; k < width; k++) miss += k == label ? 0 : Math.Exp(logs[k]);
            var weight = _classWeights?[label] ?? 1;
            var fade = Math.Pow(miss, gamma);
            sum -= weight * fade * logs[label];
            if (slope.IsEmpty) continue;
            var byLog = -weight * (fade - Slope(miss) * Math.Exp(logs[label]) * logs[label]);
            for (var k = 0; k < width; k++) slope[k] = (float)(scale * byLog * ((k == label ? 1 : 0) - Math.Exp(logs[k])));
        }
        return sum;
    }

    // d(missᵞ)/d(miss); where nothing is missed it meets a factor of 0.
    private double Slope(double miss) => gamma == 0 || miss <= 0 ? 0 : gamma * Math.Pow(miss, gamma - 1);
}
