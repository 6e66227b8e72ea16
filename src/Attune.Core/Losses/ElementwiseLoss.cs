using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Attune.Numerics;

namespace Attune.Losses;

/// <summary>A loss that compares outputs and targets one by one: [rows, width] both; <see cref="Count"/> is rows · width, as torch's mean over all elements.</summary>
public abstract class ElementwiseLoss : Loss
{
    // Vectors hand their lanes over in blocks of this size; the block's values are then added in double.
    private const int Block = 256;

    private protected ElementwiseLoss() { }

    /// <inheritdoc/>
    public override double Count(in LossTargets targets) => (double)targets.Rows * targets.ValueWidth;

    /// <summary>Values and slopes of whole vectors: <paramref name="count"/> is a multiple of 16 and at most 256.</summary>
    internal abstract unsafe void Evaluate<TSimd, TVector>(float* outputs, float* targets, float* values, float* slopes, int count, int position, int width)
        where TSimd : struct, ISimd<TVector> where TVector : struct;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override unsafe double Sum(ReadOnlySpan<float> outputs, int width, in LossTargets targets, Span<float> gradient, float scale)
    {
        LossShapes.Values(Name, outputs.Length, width, targets, gradient.Length);
        var values = stackalloc float[Block];
        var slopes = stackalloc float[Block];
        var x = stackalloc float[Block];
        var y = stackalloc float[Block];
        double sum = 0;
        fixed (float* o = outputs, t = targets.Values, g = gradient)
        {
            for (var start = 0; start < outputs.Length; start += Block)
            {
                var count = Math.Min(Block, outputs.Length - start);
                var padded = (count + 15) & ~15;
                float* a = o + start, b = t + start;
                if (padded != count)
                {
                    new Span<float>(a, count).CopyTo(new Span<float>(x, Block));
                    new Span<float>(b, count).CopyTo(new Span<float>(y, Block));
                    for (var i = count; i < padded; i++) x[i] = y[i] = 0;
                    a = x;
                    b = y;
                }
                if (Vector512.IsHardwareAccelerated) Evaluate<Simd512, Vector512<float>>(a, b, values, slopes, padded, start, width);
                else if (Vector256.IsHardwareAccelerated) Evaluate<Simd256, Vector256<float>>(a, b, values, slopes, padded, start, width);
                else Evaluate<Simd128, Vector128<float>>(a, b, values, slopes, padded, start, width);
                for (var i = 0; i < count; i++) sum += values[i];
                if (g is null) continue;
                for (var i = 0; i < count; i++) g[start + i] = slopes[i] * scale;
            }
        }
        return sum;
    }
}
