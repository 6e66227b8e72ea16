using System.Numerics;
using Attune.Encoding;
using Attune.Tasks;

namespace Attune.Evaluation.Baselines;

/// <summary>
/// Linear regression, or (multinomial) logistic regression, on every encoded feature; embedding indices count as one-hot.
/// Minimises mean loss + ‖w‖² / (2·C·n) with C = 1 and a free bias, scikit-learn's default objective, by full-batch L-BFGS.
/// Losses: log loss (sigmoid for two classes and for each of several labels, softmax for more), half squared error of the scaled target. An index not seen in training adds 0.
/// </summary>
public sealed class LinearModel : Baseline
{
    private const double C = 1;
    private readonly int _width;
    private readonly string[] _inputs;
    private readonly int[] _sizes;        // features per input: its width, or codes × width
    private readonly int _features;
    private readonly double[] _weights;   // [width, features], then the biases [width]

    /// <summary>Fits on <paramref name="train"/>.</summary>
    public LinearModel(LearningTask task, EncodedSet train) : base(task)
    {
        var targets = train.Targets ?? throw new ArgumentException("A baseline needs targets.", nameof(train));
        _width = task.OutputWidth;
        _inputs = [.. train.Inputs.Select(input => input.Name)];
        _sizes = [.. train.Inputs.Select(input => input is IndexInput codes ? (codes.Values.Length == 0 ? 0 : codes.Values.Max() + 1) * codes.Width : input.Width)];
        _features = _sizes.Sum();
        _weights = new double[(_features + 1) * _width];
        if (train.Rows > 0) Fit(train, targets);
    }

    /// <inheritdoc/>
    public override string Name => Task is Regression ? "linear" : "logistic";

    /// <inheritdoc/>
    public override float[] Predict(EncodedSet set)
    {
        var outputs = Outputs(set, _weights);
        var predictions = new float[set.Rows * Task.PredictionWidth];
        Task.Activate(outputs, predictions);
        return predictions;
    }

    private void Fit(EncodedSet train, Targets targets)
    {
        var residuals = new float[train.Rows * _width];
        Lbfgs.Minimize((point, gradient) =>
        {
            var outputs = Outputs(train, point);
            var value = Residuals(outputs, targets, residuals) / train.Rows;
            Gradient(train, residuals, gradient);
            for (var i = 0; i < gradient.Length; i++) gradient[i] /= train.Rows;
            for (var i = 0; i < _width * _features; i++)
            {
                value += point[i] * point[i] / (2 * C * train.Rows);
                gradient[i] += point[i] / (C * train.Rows);
            }
            return value;
        }, _weights);
    }

    /// <summary>Loss sum; writes d loss / d output.</summary>
    private double Residuals(float[] outputs, Targets targets, float[] residuals)
    {
        double sum = 0;
        if (Task is Regression)
        {
            for (var i = 0; i < outputs.Length; i++)
            {
                residuals[i] = outputs[i] - targets.Values![i];
                sum += 0.5 * residuals[i] * residuals[i];
            }
        }
        else if (targets.Values is { } positives)
        {
            for (var i = 0; i < outputs.Length; i++)
            {
                double z = outputs[i], y = positives[i], e = Math.Exp(-Math.Abs(z));
                sum += Math.Max(z, 0) - z * y + Math.Log(1 + e);
                residuals[i] = (float)((z >= 0 ? 1 / (1 + e) : e / (1 + e)) - y);
            }
        }
        else
        {
            for (var row = 0; row < targets.Rows; row++)
            {
                var logits = outputs.AsSpan(row * _width, _width);
                var residual = residuals.AsSpan(row * _width, _width);
                sum += SoftmaxLoss(logits, targets.Labels![row], residual);
            }
        }
        return sum;
    }

    private static double SoftmaxLoss(ReadOnlySpan<float> logits, int label, Span<float> residual)
    {
        var max = float.NegativeInfinity;
        foreach (var logit in logits) max = Math.Max(max, logit);
        double sum = 0;
        for (var k = 0; k < logits.Length; k++) sum += Math.Exp(logits[k] - max);
        for (var k = 0; k < logits.Length; k++) residual[k] = (float)(Math.Exp(logits[k] - max) / sum - (k == label ? 1 : 0));
        return Math.Log(sum) + max - logits[label];
    }

    private float[] Outputs(EncodedSet set, ReadOnlySpan<double> point)
    {
        var weights = new float[point.Length];
        for (var i = 0; i < weights.Length; i++) weights[i] = (float)point[i];
        var outputs = new float[set.Rows * _width];
        for (var i = 0; i < outputs.Length; i++) outputs[i] = weights[_width * _features + i % _width];
        for (int input = 0, offset = 0; input < _inputs.Length; offset += _sizes[input], input++)
        {
            var block = Find(set, _inputs[input]);
            for (var row = 0; row < set.Rows; row++)
            {
                for (var k = 0; k < _width; k++)
                {
                    var w = weights.AsSpan(k * _features + offset, _sizes[input]);
                    outputs[row * _width + k] += block is FloatInput numbers
                        ? Dot(numbers.Values.AsSpan(row * block.Width, block.Width), w)
                        : SumOfCodes(((IndexInput)block).Values.AsSpan(row * block.Width, block.Width), w);
                }
            }
        }
        return outputs;
    }

    private void Gradient(EncodedSet set, float[] residuals, Span<double> gradient)
    {
        const int flush = 512;   // rows summed in float before they go to double
        var sums = new float[gradient.Length];
        gradient.Clear();
        for (var start = 0; start < set.Rows; start += flush)
        {
            var end = Math.Min(set.Rows, start + flush);
            for (var i = start * _width; i < end * _width; i++) sums[_width * _features + i % _width] += residuals[i];
            for (int input = 0, offset = 0; input < _inputs.Length; offset += _sizes[input], input++)
            {
                var block = Find(set, _inputs[input]);
                for (var row = start; row < end; row++)
                {
                    for (var k = 0; k < _width; k++)
                    {
                        var sum = sums.AsSpan(k * _features + offset, _sizes[input]);
                        var residual = residuals[row * _width + k];
                        if (block is FloatInput numbers) AddScaled(sum, residual, numbers.Values.AsSpan(row * block.Width, block.Width));
                        else AddToCodes(sum, residual, ((IndexInput)block).Values.AsSpan(row * block.Width, block.Width));
                    }
                }
            }
            for (var i = 0; i < sums.Length; i++) gradient[i] += sums[i];
            Array.Clear(sums);
        }
    }

    private static EncodedInput Find(EncodedSet set, string name)
        => set.Inputs.FirstOrDefault(input => input.Name == name) ?? throw new ArgumentException($"The encoded rows have no input '{name}', which the baseline was fitted on.", nameof(set));

    private static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> w)
    {
        var sums = Vector<float>.Zero;
        var i = 0;
        for (; i + Vector<float>.Count <= x.Length; i += Vector<float>.Count) sums += new Vector<float>(x[i..]) * new Vector<float>(w[i..]);
        var sum = Vector.Sum(sums);
        for (; i < x.Length; i++) sum += x[i] * w[i];
        return sum;
    }

    private static void AddScaled(Span<float> sum, float scale, ReadOnlySpan<float> x)
    {
        var i = 0;
        for (; i + Vector<float>.Count <= x.Length; i += Vector<float>.Count) (new Vector<float>(sum[i..]) + new Vector<float>(x[i..]) * scale).CopyTo(sum[i..]);
        for (; i < x.Length; i++) sum[i] += scale * x[i];
    }

    private static float SumOfCodes(ReadOnlySpan<int> codes, ReadOnlySpan<float> w)
    {
        var size = w.Length / codes.Length;
        float sum = 0;
        for (var i = 0; i < codes.Length; i++) sum += codes[i] < size ? w[i * size + codes[i]] : 0;
        return sum;
    }

    private static void AddToCodes(Span<float> sum, float residual, ReadOnlySpan<int> codes)
    {
        var size = sum.Length / codes.Length;
        for (var i = 0; i < codes.Length; i++) sum[i * size + codes[i]] += residual;
    }
}
