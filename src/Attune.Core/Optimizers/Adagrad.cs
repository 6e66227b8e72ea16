using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Optimizers;

/// <summary>
/// Adagrad (Duchi et al. 2011, https://jmlr.org/papers/v12/duchi11a.html): s ← s + g², w ← w - η/(1 + t·δ) · g / (√s + ε): rare features keep large steps. Weight decay is L2.
/// Equals torch <c>Adagrad</c>.
/// </summary>
/// <param name="rateDecay">δ ≥ 0; default 0.</param>
/// <param name="initialAccumulator">s before the first step, ≥ 0; default 0.</param>
/// <param name="epsilon">ε; default 1e-10 (torch).</param>
public sealed class Adagrad(double rateDecay = 0, double initialAccumulator = 0, double epsilon = 1e-10) : VectorOptimizer
{
    /// <summary>δ.</summary>
    public double RateDecay { get; } = rateDecay;

    /// <summary>s before the first step.</summary>
    public double InitialAccumulator { get; } = initialAccumulator;

    /// <summary>Denominator constant.</summary>
    public double Epsilon { get; } = epsilon;

    /// <inheritdoc/>
    public override string Name => "adagrad";

    /// <inheritdoc/>
    public override int StateCount => 1;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override unsafe void Body<TSimd, TVector>(float* w, float* g, float* s1, float* s2, float* s3, float* s4, int count, in UpdateStep update)
    {
        TVector scale = TSimd.Broadcast(update.GradientScale), decay = TSimd.Broadcast((float)update.WeightDecay);
        TVector rate = TSimd.Broadcast((float)(-update.LearningRate / (1 + update.Step * RateDecay))), epsilon = TSimd.Broadcast((float)Epsilon);
        var start = TSimd.Broadcast(update.Step == 0 ? (float)InitialAccumulator : 0);
        for (var i = 0; i < count; i += TSimd.Count)
        {
            var weight = TSimd.Load(w + i);
            var gradient = Gradient<TSimd, TVector>(g + i, weight, scale, decay);
            var sum = TSimd.Fma(gradient, gradient, TSimd.Add(TSimd.Load(s1 + i), start));
            TSimd.Store(sum, s1 + i);
            TSimd.Store(TSimd.Fma(TSimd.Divide(gradient, TSimd.Add(TSimd.Sqrt(sum), epsilon)), rate, weight), w + i);
        }
    }
}
