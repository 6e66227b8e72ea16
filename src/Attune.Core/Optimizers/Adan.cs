using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Optimizers;

/// <summary>
/// Adan (Xie et al. 2022, arXiv:2208.06677, algorithm 1): averages m of the gradient g, d of its change Δ = g - g′ (0 at step 0), n of (g + β₂Δ)²;
/// w ← (w - η·(m̂ + β₂d̂) / (√n̂ + ε)) / (1 + ηλ), bias corrected as the authors' code does. Decay is decoupled. Four states per weight.
/// </summary>
/// <param name="beta1">Decay of m; default 0.98 (the authors' code; 1 - β₁ in the paper).</param>
/// <param name="beta2">Decay of d; default 0.92.</param>
/// <param name="beta3">Decay of n; default 0.99.</param>
/// <param name="epsilon">ε; default 1e-8.</param>
public sealed class Adan(double beta1 = 0.98, double beta2 = 0.92, double beta3 = 0.99, double epsilon = 1e-8) : VectorOptimizer
{
    /// <summary>Decay of m.</summary>
    public double Beta1 { get; } = beta1;

    /// <summary>Decay of d.</summary>
    public double Beta2 { get; } = beta2;

    /// <summary>Decay of n.</summary>
    public double Beta3 { get; } = beta3;

    /// <summary>Denominator constant.</summary>
    public double Epsilon { get; } = epsilon;

    /// <inheritdoc/>
    public override string Name => "adan";

    /// <summary>m, d, n and the last gradient.</summary>
    public override int StateCount => 4;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override unsafe void Body<TSimd, TVector>(float* w, float* g, float* s1, float* s2, float* s3, float* s4, int count, in UpdateStep update)
    {
        var t = update.Step + 1;
        TVector scale = TSimd.Broadcast(update.GradientScale), keep = TSimd.Broadcast((float)(1 / (1 + update.LearningRate * update.WeightDecay))), epsilon = TSimd.Broadcast((float)Epsilon);
        TVector rest1 = TSimd.Broadcast((float)(1 - Beta1)), rest2 = TSimd.Broadcast((float)(1 - Beta2)), rest3 = TSimd.Broadcast((float)(1 - Beta3)), beta2 = TSimd.Broadcast((float)Beta2);
        TVector stepM = TSimd.Broadcast((float)(-update.LearningRate / (1 - Math.Pow(Beta1, t)))), stepD = TSimd.Broadcast((float)(-update.LearningRate * Beta2 / (1 - Math.Pow(Beta2, t))));
        TVector root = TSimd.Broadcast((float)(1 / Math.Sqrt(1 - Math.Pow(Beta3, t)))), changes = TSimd.Broadcast(update.Step == 0 ? 0f : 1f);
        for (var i = 0; i < count; i += TSimd.Count)
        {
            var gradient = TSimd.Multiply(TSimd.Load(g + i), scale);
            var change = TSimd.Multiply(TSimd.Subtract(gradient, TSimd.Load(s4 + i)), changes);
            var ahead = TSimd.Fma(change, beta2, gradient);
            var m = Settle<TSimd, TVector>(Lerp<TSimd, TVector>(TSimd.Load(s1 + i), gradient, rest1));
            var d = Settle<TSimd, TVector>(Lerp<TSimd, TVector>(TSimd.Load(s2 + i), change, rest2));
            var n = Settle<TSimd, TVector>(Lerp<TSimd, TVector>(TSimd.Load(s3 + i), TSimd.Multiply(ahead, ahead), rest3));
            TSimd.Store(m, s1 + i);
            TSimd.Store(d, s2 + i);
            TSimd.Store(n, s3 + i);
            TSimd.Store(gradient, s4 + i);
            var step = TSimd.Divide(TSimd.Fma(m, stepM, TSimd.Multiply(d, stepD)), TSimd.Fma(TSimd.Sqrt(n), root, epsilon));
            TSimd.Store(TSimd.Multiply(TSimd.Add(TSimd.Load(w + i), step), keep), w + i);
        }
    }
}
