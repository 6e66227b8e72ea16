using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Losses;

/// <summary>½d²/β for |d| &lt; β, else |d| - ½β, with d = x - y, mean over all elements (Girshick 2015, arXiv:1504.08083, equation 3). Equals torch <c>smooth_l1_loss</c>.</summary>
/// <param name="beta">β &gt; 0; default 1 as torch.</param>
public sealed class SmoothL1(double beta = 1) : ElementwiseLoss
{
    private readonly float _beta = (float)beta;

    /// <inheritdoc/>
    public override string Name => "smooth-l1";

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override unsafe void Evaluate<TSimd, TVector>(float* outputs, float* targets, float* values, float* slopes, int count, int position, int width)
    {
        var beta = TSimd.Broadcast(_beta);
        var inverse = TSimd.Broadcast(1 / _beta);
        for (var i = 0; i < count; i += TSimd.Count)
        {
            var d = TSimd.Subtract(TSimd.Load(outputs + i), TSimd.Load(targets + i));
            var slope = TSimd.Multiply(TSimd.Min(beta, TSimd.Max(TSimd.Broadcast(-_beta), d)), inverse);
            TSimd.Store(TSimd.Multiply(slope, TSimd.Fma(TSimd.Multiply(slope, beta), TSimd.Broadcast(-0.5f), d)), values + i);
            TSimd.Store(slope, slopes + i);
        }
    }
}
