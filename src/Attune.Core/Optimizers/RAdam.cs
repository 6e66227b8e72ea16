using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Optimizers;

/// <summary>
/// Rectified Adam (Liu et al. 2020, arXiv:1908.03265, algorithm 2): Adam's step times a factor that stands for the uncertainty of v; while v rests on too few steps
/// (ρ ≤ 5) the average gradient alone moves the weights, so that no warm-up is needed. Weight decay is L2. Equals torch <c>RAdam</c>.
/// </summary>
public sealed class RAdam(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8) : VectorOptimizer
{
    /// <summary>First moment decay.</summary>
    public double Beta1 { get; } = beta1;

    /// <summary>Second moment decay.</summary>
    public double Beta2 { get; } = beta2;

    /// <summary>Denominator constant.</summary>
    public double Epsilon { get; } = epsilon;

    /// <inheritdoc/>
    public override string Name => "radam";

    /// <inheritdoc/>
    public override int StateCount => 2;

    /// <summary>Factor on m / (√v + ε) in step <paramref name="step"/>, 0-based, bias correction of v included; null while it does not divide.</summary>
    internal double? Rectification(long step)
    {
        var t = step + 1;
        double power = Math.Pow(Beta2, t), most = 2 / (1 - Beta2) - 1, rho = most - 2 * t * power / (1 - power);
        return rho > 5 ? Math.Sqrt((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho)) * Math.Sqrt(1 - power) : null;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override unsafe void Body<TSimd, TVector>(float* w, float* g, float* s1, float* s2, float* s3, float* s4, int count, in UpdateStep update)
    {
        var rectification = Rectification(update.Step);
        TVector scale = TSimd.Broadcast(update.GradientScale), decay = TSimd.Broadcast((float)update.WeightDecay), epsilon = TSimd.Broadcast((float)Epsilon);
        TVector rest1 = TSimd.Broadcast((float)(1 - Beta1)), beta2 = TSimd.Broadcast((float)Beta2), rest2 = TSimd.Broadcast((float)(1 - Beta2));
        var rate = TSimd.Broadcast((float)(-update.LearningRate / (1 - Math.Pow(Beta1, update.Step + 1)) * (rectification ?? 1)));
        for (var i = 0; i < count; i += TSimd.Count)
        {
            var weight = TSimd.Load(w + i);
            var gradient = Gradient<TSimd, TVector>(g + i, weight, scale, decay);
            var first = Settle<TSimd, TVector>(Lerp<TSimd, TVector>(TSimd.Load(s1 + i), gradient, rest1));
            var second = Settle<TSimd, TVector>(TSimd.Fma(TSimd.Load(s2 + i), beta2, TSimd.Multiply(TSimd.Multiply(gradient, gradient), rest2)));
            TSimd.Store(first, s1 + i);
            TSimd.Store(second, s2 + i);
            if (rectification is not null) first = TSimd.Divide(first, TSimd.Add(TSimd.Sqrt(second), epsilon));
            TSimd.Store(TSimd.Fma(first, rate, weight), w + i);
        }
    }
}
