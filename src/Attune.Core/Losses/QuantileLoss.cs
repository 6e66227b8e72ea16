using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Losses;

/// <summary>
/// Pinball loss max(τ·e, (τ - 1)·e) with e = y - x, mean over all elements; it is smallest at the τ-quantile of y (Koenker and Bassett 1978,
/// https://doi.org/10.2307/1913643). Gradient 0 at equality. With τ = 0.5 half of <see cref="MeanAbsoluteError"/>.
/// </summary>
/// <param name="quantile">τ in (0, 1); default 0.5.</param>
public sealed class QuantileLoss(double quantile = 0.5) : ElementwiseLoss
{
    private readonly float _above = (float)quantile, _below = (float)(1 - quantile);

    /// <inheritdoc/>
    public override string Name => "quantile";

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override unsafe void Evaluate<TSimd, TVector>(float* outputs, float* targets, float* values, float* slopes, int count, int position, int width)
    {
        TVector above = TSimd.Broadcast(_above), below = TSimd.Broadcast(_below);
        for (var i = 0; i < count; i += TSimd.Count)
        {
            var e = TSimd.Subtract(TSimd.Load(targets + i), TSimd.Load(outputs + i));
            TVector isAbove = TSimd.Greater(e, TSimd.Zero), isBelow = TSimd.Greater(TSimd.Zero, e);
            TSimd.Store(TSimd.Multiply(e, TSimd.Select(isAbove, above, TSimd.Subtract(TSimd.Zero, below))), values + i);
            TSimd.Store(TSimd.Select(isAbove, TSimd.Subtract(TSimd.Zero, above), TSimd.Select(isBelow, below, e)), slopes + i);   // e itself: 0, or NaN
        }
    }
}
