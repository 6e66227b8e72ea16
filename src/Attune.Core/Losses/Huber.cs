using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Losses;

/// <summary>
/// ½d² for |d| ≤ δ, else δ(|d| - ½δ), with d = x - y, mean over all elements (Huber 1964, https://doi.org/10.1214/aoms/1177703732).
/// Equals torch <c>huber_loss</c>; <see cref="SmoothL1"/> is this divided by δ.
/// </summary>
/// <param name="delta">δ &gt; 0; default 1 as torch.</param>
public sealed class Huber(double delta = 1) : ElementwiseLoss
{
    private readonly float _delta = (float)delta;

    /// <inheritdoc/>
    public override string Name => "huber";

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override unsafe void Evaluate<TSimd, TVector>(float* outputs, float* targets, float* values, float* slopes, int count, int position, int width)
    {
        var delta = TSimd.Broadcast(_delta);
        for (var i = 0; i < count; i += TSimd.Count)
        {
            var d = TSimd.Subtract(TSimd.Load(outputs + i), TSimd.Load(targets + i));
            var clipped = TSimd.Min(delta, TSimd.Max(TSimd.Broadcast(-_delta), d));
            // clipped · (d - clipped / 2) is both branches at once.
            TSimd.Store(TSimd.Multiply(clipped, TSimd.Fma(clipped, TSimd.Broadcast(-0.5f), d)), values + i);
            TSimd.Store(clipped, slopes + i);
        }
    }
}
