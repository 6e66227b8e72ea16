using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Optimizers;

/// <summary>
/// Lion (Chen et al. 2023, arXiv:2302.06675, program 1): w ← w·(1 - ηλ) - η·sign(β₁m + (1 - β₁)g), then m ← β₂m + (1 - β₂)g. Every element moves by the rate; use a third to
/// a tenth of AdamW's rate and three to ten times its decay. Equals timm <c>Lion</c>.
/// </summary>
public sealed class Lion(double beta1 = 0.9, double beta2 = 0.99) : VectorOptimizer
{
    /// <summary>Share of the momentum in the direction.</summary>
    public double Beta1 { get; } = beta1;

    /// <summary>Decay of the momentum.</summary>
    public double Beta2 { get; } = beta2;

    /// <inheritdoc/>
    public override string Name => "lion";

    /// <inheritdoc/>
    public override int StateCount => 1;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override unsafe void Body<TSimd, TVector>(float* w, float* g, float* s1, float* s2, float* s3, float* s4, int count, in UpdateStep update)
    {
        TVector scale = TSimd.Broadcast(update.GradientScale), keep = TSimd.Broadcast((float)(1 - update.LearningRate * update.WeightDecay)), rate = TSimd.Broadcast((float)-update.LearningRate);
        TVector beta1 = TSimd.Broadcast((float)Beta1), rest1 = TSimd.Broadcast((float)(1 - Beta1)), rest2 = TSimd.Broadcast((float)(1 - Beta2)), one = TSimd.Broadcast(1f);
        for (var i = 0; i < count; i += TSimd.Count)
        {
            var gradient = TSimd.Multiply(TSimd.Load(g + i), scale);
            var average = TSimd.Load(s1 + i);
            var direction = TSimd.Fma(average, beta1, TSimd.Multiply(gradient, rest1));
            var sign = TSimd.Select(TSimd.Greater(TSimd.Abs(direction), TSimd.Zero), TSimd.CopySign(one, direction), direction);   // 0 and NaN stay
            TSimd.Store(TSimd.Fma(sign, rate, TSimd.Multiply(TSimd.Load(w + i), keep)), w + i);
            TSimd.Store(Settle<TSimd, TVector>(Lerp<TSimd, TVector>(average, gradient, rest2)), s1 + i);
        }
    }
}
