using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Optimizers;

/// <summary>
/// Adamax (Kingma and Ba 2015, arXiv:1412.6980, algorithm 2): m as Adam's, u ← max(β₂u, |g| + ε), w ← w - η/(1 - β₁ᵗ) · m / u. Weight decay is L2. Equals torch <c>Adamax</c>.
/// </summary>
public sealed class Adamax(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8) : VectorOptimizer
{
    /// <summary>First moment decay.</summary>
    public double Beta1 { get; } = beta1;

    /// <summary>Decay of the largest gradient.</summary>
    public double Beta2 { get; } = beta2;

    /// <summary>Denominator constant.</summary>
    public double Epsilon { get; } = epsilon;

    /// <inheritdoc/>
    public override string Name => "adamax";

    /// <inheritdoc/>
    public override int StateCount => 2;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override unsafe void Body<TSimd, TVector>(float* w, float* g, float* s1, float* s2, float* s3, float* s4, int count, in UpdateStep update)
    {
        TVector scale = TSimd.Broadcast(update.GradientScale), decay = TSimd.Broadcast((float)update.WeightDecay), epsilon = TSimd.Broadcast((float)Epsilon);
        TVector rest = TSimd.Broadcast((float)(1 - Beta1)), beta2 = TSimd.Broadcast((float)Beta2), rate = TSimd.Broadcast((float)(-update.LearningRate / (1 - Math.Pow(Beta1, update.Step + 1))));
        for (var i = 0; i < count; i += TSimd.Count)
        {
            var weight = TSimd.Load(w + i);
            var gradient = Gradient<TSimd, TVector>(g + i, weight, scale, decay);
            var first = Settle<TSimd, TVector>(Lerp<TSimd, TVector>(TSimd.Load(s1 + i), gradient, rest));
            var largest = TSimd.Max(TSimd.Multiply(TSimd.Load(s2 + i), beta2), TSimd.Add(TSimd.Abs(gradient), epsilon));
            TSimd.Store(first, s1 + i);
            TSimd.Store(largest, s2 + i);
            TSimd.Store(TSimd.Fma(TSimd.Divide(first, largest), rate, weight), w + i);
        }
    }
}
