using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Losses;

/// <summary>|x - y|, mean over all elements; gradient sign(x - y), 0 at equality. Equals torch <c>l1_loss</c>.</summary>
public sealed class MeanAbsoluteError : ElementwiseLoss
{
    /// <inheritdoc/>
    public override string Name => "mae";

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override unsafe void Evaluate<TSimd, TVector>(float* outputs, float* targets, float* values, float* slopes, int count, int position, int width)
    {
        var one = TSimd.Broadcast(1f);
        for (var i = 0; i < count; i += TSimd.Count)
        {
            var d = TSimd.Subtract(TSimd.Load(outputs + i), TSimd.Load(targets + i));
            TSimd.Store(TSimd.Abs(d), values + i);
            TSimd.Store(TSimd.Min(one, TSimd.Max(TSimd.Broadcast(-1f), Sharpen<TSimd, TVector>(d))), slopes + i);
        }
    }

    // ±1 for every difference but 0; NaN stays NaN.
    private static TVector Sharpen<TSimd, TVector>(TVector d) where TSimd : struct, ISimd<TVector> where TVector : struct
    {
        var sign = TSimd.CopySign(TSimd.Broadcast(1f), d);
        return TSimd.Select(TSimd.Greater(TSimd.Abs(d), TSimd.Zero), sign, d);
    }
}
