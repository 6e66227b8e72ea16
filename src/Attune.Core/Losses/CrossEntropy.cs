using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Attune.Numerics;

namespace Attune.Losses;

/// <summary>
/// Softmax cross-entropy of logits [rows, K] against class indices: -Σₖ cₖ·log pₖ with c = (1 - ε)·w_t at the target t plus ε/K·wₖ everywhere,
/// divided by the sum of w_t. A label of <see cref="IgnoreIndex"/> counts nothing. Targets may also be K probabilities y a row: c = w·((1 - ε)·y + ε/K), divided by the
/// number of rows. Equals torch <c>cross_entropy</c>.
/// </summary>
public sealed class CrossEntropy : Loss
{
    /// <summary>The label of rows that take no part.</summary>
    public const int IgnoreIndex = -100;

    private readonly double _smoothing;
    private readonly float[]? _classWeights;
    private readonly double _weightSum;

    /// <summary>A cross-entropy.</summary>
    /// <param name="labelSmoothing">ε in [0, 1); default 0.</param>
    /// <param name="classWeights">w [K], ≥ 0; default all 1.</param>
    public CrossEntropy(double labelSmoothing = 0, IReadOnlyList<float>? classWeights = null)
    {
        (_smoothing, _classWeights) = (labelSmoothing, classWeights is null ? null : [.. classWeights]);
        foreach (var weight in _classWeights ?? []) _weightSum += weight;
    }

    /// <inheritdoc/>
    public override string Name => "cross-entropy";

    /// <inheritdoc/>
    public override double Count(in LossTargets targets)
    {
        if (targets.Labels.IsEmpty && !targets.Values.IsEmpty) return targets.Rows;
        double count = 0;
        foreach (var label in targets.Labels)
        {
            if (label != IgnoreIndex) count += Weight(label);
        }
        return count;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override unsafe double Sum(ReadOnlySpan<float> outputs, int width, in LossTargets targets, Span<float> gradient, float scale)
    {
        var isSoft = targets.Labels.IsEmpty && !targets.Values.IsEmpty;
        if (isSoft) LossShapes.Values(Name, outputs.Length, width, targets, gradient.Length);
        else LossShapes.Classes(Name, outputs.Length, width, targets, gradient.Length);
        if (_classWeights is not null && _classWeights.Length != width) throw new ArgumentException($"{Name}: {_classWeights.Length} class weights for {width} classes.");
        if (isSoft) return SoftSum(outputs, width, targets, gradient, scale);
        double sum = 0;
        fixed (float* logits = outputs, slopes = gradient)
        {
            for (var row = 0; row < targets.Rows; row++)
            {
                var label = targets.Labels[row];
                var slope = slopes is null ? null : slopes + (long)row * width;
                if (label == IgnoreIndex)
                {
                    if (slope is not null) new Span<float>(slope, width).Clear();
                    continue;
                }
                if ((uint)label >= (uint)width) throw new ArgumentException($"{Name}: the label of row {row} is {label}; it has to be in [0, {width}), or {IgnoreIndex} to be ignored.");
                var x = logits + (long)row * width;
                sum += Vector512.IsHardwareAccelerated ? Row<Simd512, Vector512<float>>(x, width, label, slope, scale)
                    : Vector256.IsHardwareAccelerated ? Row<Simd256, Vector256<float>>(x, width, label, slope, scale)
                    : Row<Simd128, Vector128<float>>(x, width, label, slope, scale);
            }
        }
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe double Row<TSimd, TVector>(float* x, int width, int label, float* slope, float scale)
        where TSimd : struct, ISimd<TVector> where TVector : struct
    {
        var step = TSimd.Count;
        var buffer = stackalloc float[16];
        var greatest = TSimd.Broadcast(float.NegativeInfinity);
        for (var k = 0; k < width; k += step) greatest = TSimd.Max(greatest, Load<TSimd, TVector>(x, k, width, buffer));
        var max = TSimd.Largest(greatest);
        var shift = TSimd.Broadcast(max);
        var total = TSimd.Zero;
        for (var k = 0; k < width; k += step)
        {
            var e = VectorMath<TSimd, TVector>.Exp(TSimd.Subtract(Load<TSimd, TVector>(x, k, width, buffer), shift));
            total = TSimd.Add(total, e);
            if (slope is null) continue;
            if (k + step <= width) TSimd.Store(e, slope + k);
            else
            {
                TSimd.Store(e, buffer);
                for (var lane = 0; k + lane < width; lane++) slope[k + lane] = buffer[lane];
            }
        }
        var exponentials = TSimd.Sum(total);
        var logSum = max + Math.Log(exponentials);
        var weight = Weight(label);
        var value = (1 - _smoothing) * weight * (logSum - x[label]);
        double mass = (1 - _smoothing) * weight, spread = _smoothing / width;
        if (spread != 0)
        {
            for (var k = 0; k < width; k++) value += spread * Weight(k) * (logSum - x[k]);
            mass += spread * (_classWeights is null ? width : _weightSum);
        }
        if (slope is null) return value;
        var factor = (float)(mass * scale / exponentials);
        for (var k = 0; k < width; k++) slope[k] *= factor;
        if (spread != 0)
        {
            for (var k = 0; k < width; k++) slope[k] -= (float)(spread * Weight(k) * scale);
        }
        slope[label] -= (float)((1 - _smoothing) * weight * scale);
        return value;
    }

    private double SoftSum(ReadOnlySpan<float> outputs, int width, in LossTargets targets, Span<float> gradient, float scale)
    {
        var logProbabilities = new double[width];
        double sum = 0;
        for (var start = 0; start < outputs.Length; start += width)
        {
            Softmax.Log(outputs.Slice(start, width), 1, logProbabilities);
            var y = targets.Values.Slice(start, width);
            double mass = 0;
            for (var k = 0; k < width; k++)
            {
                var share = Weight(k) * ((1 - _smoothing) * y[k] + _smoothing / width);
                sum -= share * logProbabilities[k];
                mass += share;
            }
            if (gradient.IsEmpty) continue;
            for (var k = 0; k < width; k++)
                gradient[start + k] = (float)(scale * (mass * Math.Exp(logProbabilities[k]) - Weight(k) * ((1 - _smoothing) * y[k] + _smoothing / width)));
        }
        return sum;
    }

    // The lanes past the last class become -∞.
    private static unsafe TVector Load<TSimd, TVector>(float* x, int k, int width, float* buffer)
        where TSimd : struct, ISimd<TVector> where TVector : struct
    {
        if (k + TSimd.Count <= width) return TSimd.Load(x + k);
        for (var lane = 0; lane < TSimd.Count; lane++) buffer[lane] = k + lane < width ? x[k + lane] : float.NegativeInfinity;
        return TSimd.Load(buffer);
    }

    private float Weight(int label) => _classWeights is { } weights && (uint)label < (uint)weights.Length ? weights[label] : 1;
}
