using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Losses;

/// <summary>
/// Binary cross-entropy of logits x against targets y in [0, 1], mean over all elements:
/// (1 - y)·x + (1 + (p - 1)·y)·(log(1 + e^-|x|) + max(-x, 0)), finite at any logit. Equals torch <c>binary_cross_entropy_with_logits</c>.
/// </summary>
public sealed class BinaryCrossEntropy : ElementwiseLoss
{
    private readonly float _smoothing;
    private readonly float[]? _positiveWeight;

    /// <summary>A binary cross-entropy.</summary>
    /// <param name="labelSmoothing">ε: a target y becomes y·(1 - ε) + ε/2. Default 0.</param>
    /// <param name="positiveWeight">p per output [width], or one for all; default 1 (torch's <c>pos_weight</c>).</param>
    public BinaryCrossEntropy(double labelSmoothing = 0, IReadOnlyList<float>? positiveWeight = null)
        => (_smoothing, _positiveWeight) = ((float)labelSmoothing, positiveWeight is null ? null : [.. positiveWeight]);

    /// <inheritdoc/>
    public override string Name => "binary-cross-entropy";

    /// <inheritdoc/>
    public override double Sum(ReadOnlySpan<float> outputs, int width, in LossTargets targets, Span<float> gradient, float scale)
    {
        if (_positiveWeight is { Length: > 1 } weights && weights.Length != width)
            throw new ArgumentException($"{Name}: {weights.Length} positive weights for {width} outputs; give one, or one per output.");
        return base.Sum(outputs, width, targets, gradient, scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override unsafe void Evaluate<TSimd, TVector>(float* outputs, float* targets, float* values, float* slopes, int count, int position, int width)
    {
        var one = TSimd.Broadcast(1f);
        var keep = TSimd.Broadcast(1 - _smoothing);
        var half = TSimd.Broadcast(_smoothing / 2);
        var weights = stackalloc float[16];
        new Span<float>(weights, 16).Fill(_positiveWeight is { Length: 1 } single ? single[0] : 1);
        var perOutput = _positiveWeight is { Length: > 1 };
        for (var i = 0; i < count; i += TSimd.Count)
        {
            if (perOutput)
            {
                for (var lane = 0; lane < TSimd.Count; lane++) weights[lane] = _positiveWeight![(position + i + lane) % width];
            }
            var x = TSimd.Load(outputs + i);
            var y = TSimd.Fma(TSimd.Load(targets + i), keep, half);
            var u = VectorMath<TSimd, TVector>.Exp(TSimd.Subtract(TSimd.Zero, TSimd.Abs(x)));
            var softplus = TSimd.Add(VectorMath<TSimd, TVector>.Log1P(u), TSimd.Max(TSimd.Zero, TSimd.Subtract(TSimd.Zero, x)));   // log(1 + e⁻ˣ)
            var inverse = TSimd.Divide(one, TSimd.Add(one, u));
            var miss = TSimd.Select(TSimd.Greater(TSimd.Zero, x), inverse, TSimd.Multiply(u, inverse));                            // 1 - σ(x)
            var negative = TSimd.Subtract(one, y);
            var weight = TSimd.Fma(TSimd.Subtract(TSimd.Load(weights), one), y, one);
            TSimd.Store(TSimd.Fma(weight, softplus, TSimd.Multiply(negative, x)), values + i);
            TSimd.Store(TSimd.Subtract(negative, TSimd.Multiply(weight, miss)), slopes + i);
        }
    }
}
