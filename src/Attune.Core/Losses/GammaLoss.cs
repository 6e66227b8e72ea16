using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Losses;

/// <summary>
/// Negative log-likelihood of y &gt; 0 under a gamma distribution with mean eˣ and constant shape, without constants: x + y·e⁻ˣ, mean over all elements: half the gamma
/// deviance but for terms of y alone (McCullagh and Nelder 1989, chapter 8). Errors count in proportion to the mean.
/// </summary>
public sealed class GammaLoss : ElementwiseLoss
{
    /// <inheritdoc/>
    public override string Name => "gamma";

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override unsafe void Evaluate<TSimd, TVector>(float* outputs, float* targets, float* values, float* slopes, int count, int position, int width)
    {
        var one = TSimd.Broadcast(1f);
        for (var i = 0; i < count; i += TSimd.Count)
        {
            var x = TSimd.Load(outputs + i);
            var ratio = TSimd.Multiply(TSimd.Load(targets + i), VectorMath<TSimd, TVector>.Exp(TSimd.Subtract(TSimd.Zero, x)));
            TSimd.Store(TSimd.Add(x, ratio), values + i);
            TSimd.Store(TSimd.Subtract(one, ratio), slopes + i);
        }
    }
}
