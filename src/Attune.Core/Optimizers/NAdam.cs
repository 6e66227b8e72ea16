using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Optimizers;

/// <summary>
/// Adam with Nesterov's momentum (Dozat 2016, https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ): m and v as Adam's, μₜ = β₁(1 - ½·0.96^(tψ)),
/// w ← w - η·((1 - μₜ)g/(1 - Πμ) + μₜ₊₁m/(1 - μₜ₊₁Πμ)) / (√v/√(1 - β₂ᵗ) + ε). Weight decay is L2, or decoupled as AdamW's. Equals torch <c>NAdam</c>.
/// </summary>
public sealed class NAdam(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double momentumDecay = 0.004, bool decoupled = false) : VectorOptimizer
{
    /// <summary>First moment decay.</summary>
    public double Beta1 { get; } = beta1;

    /// <summary>Second moment decay.</summary>
    public double Beta2 { get; } = beta2;

    /// <summary>Denominator constant.</summary>
    public double Epsilon { get; } = epsilon;

    /// <summary>ψ: how fast the momentum grows to β₁.</summary>
    public double MomentumDecay { get; } = momentumDecay;

    /// <summary>Decay shrinks the weights instead of adding to the gradient.</summary>
    public bool IsDecoupled { get; } = decoupled;

    /// <inheritdoc/>
    public override string Name => "nadam";

    /// <inheritdoc/>
    public override int StateCount => 2;

    /// <summary>Weights of the gradient and of the average in step <paramref name="step"/>, 0-based.</summary>
    internal (double Gradient, double Average) Shares(long step)
    {
        var product = 1.0;
        for (var t = 1L; t <= step + 1 && product > 1e-20; t++) product *= Momentum(t);   // past that 1 - product is 1
        double now = Momentum(step + 1), next = Momentum(step + 2);
        return ((1 - now) / (1 - product), next / (1 - product * next));
    }

    private double Momentum(long t) => Beta1 * (1 - 0.5 * Math.Pow(0.96, t * MomentumDecay));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override unsafe void Body<TSimd, TVector>(float* w, float* g, float* s1, float* s2, float* s3, float* s4, int count, in UpdateStep update)
    {
        var (byGradient, byAverage) = Shares(update.Step);
        TVector scale = TSimd.Broadcast(update.GradientScale), l2 = TSimd.Broadcast(IsDecoupled ? 0 : (float)update.WeightDecay), keep = TSimd.Broadcast(IsDecoupled ? (float)(1 - update.LearningRate * update.WeightDecay) : 1);
        TVector rest1 = TSimd.Broadcast((float)(1 - Beta1)), beta2 = TSimd.Broadcast((float)Beta2), rest2 = TSimd.Broadcast((float)(1 - Beta2)), epsilon = TSimd.Broadcast((float)Epsilon);
        TVector stepG = TSimd.Broadcast((float)(-update.LearningRate * byGradient)), stepM = TSimd.Broadcast((float)(-update.LearningRate * byAverage)), root = TSimd.Broadcast((float)(1 / Math.Sqrt(1 - Math.Pow(Beta2, update.Step + 1))));
        for (var i = 0; i < count; i += TSimd.Count)
        {
            var weight = TSimd.Load(w + i);
            var gradient = Gradient<TSimd, TVector>(g + i, weight, scale, l2);
            var first = Settle<TSimd, TVector>(Lerp<TSimd, TVector>(TSimd.Load(s1 + i), gradient, rest1));
            var second = Settle<TSimd, TVector>(TSimd.Fma(TSimd.Load(s2 + i), beta2, TSimd.Multiply(TSimd.Multiply(gradient, gradient), rest2)));
            TSimd.Store(first, s1 + i);
            TSimd.Store(second, s2 + i);
            var step = TSimd.Fma(first, stepM, TSimd.Multiply(gradient, stepG));
            TSimd.Store(TSimd.Fma(weight, keep, TSimd.Divide(step, TSimd.Fma(TSimd.Sqrt(second), root, epsilon))), w + i);
        }
    }
}
