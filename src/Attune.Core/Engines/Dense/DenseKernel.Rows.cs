using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Attune.Engines.Dense;

internal static unsafe partial class DenseKernel<TSimd, TVector>
{
    /// <summary>target[c] (+)= factor · Σᵣ x[r, c].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ColumnSums(float* x, int stride, int rows, float* target, float factor, bool add)
    {
        var scale = TSimd.Broadcast(factor);
        for (var column = 0; column < stride; column += TSimd.Count)
        {
            TVector even = TSimd.Zero, odd = TSimd.Zero;
            var p = x + column;
            var row = 0;
            for (; row + 2 <= rows; row += 2)
            {
                even = TSimd.Add(even, TSimd.Load(p));
                odd = TSimd.Add(odd, TSimd.Load(p + stride));
                p += 2 * (long)stride;
            }
            if (row < rows) even = TSimd.Add(even, TSimd.Load(p));
            var sum = TSimd.Multiply(TSimd.Add(even, odd), scale);
            TSimd.Store(add ? TSimd.Add(TSimd.Load(target + column), sum) : sum, target + column);
        }
    }

    /// <summary>y[r, o] = Σ x[r, ·]·w[o, ·] + bias[o] for few outputs: dot products over rows of w.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dot(float* x, long xStride, float* w, int outputs, int padded, float* bias, bool rectify, float* y, long yStride, int rows)
    {
        for (var output = 0; output < outputs; output++)
        {
            var start = bias is null ? 0 : bias[output];
            for (var row = 0; row < rows; row++)
            {
                var p = x + row * xStride;
                TVector even = TSimd.Zero, odd = TSimd.Zero;
                // Panels of 64 columns lie one after the other; panel c starts at c · outputs.
                for (var panel = 0; panel < padded; panel += DenseParameter.PanelWidth)
                {
                    var width = Math.Min(DenseParameter.PanelWidth, padded - panel);
                    var q = w + (long)panel * outputs + (long)output * width;
                    var column = 0;
                    for (; column + 2 * TSimd.Count <= width; column += 2 * TSimd.Count)
                    {
                        even = TSimd.Fma(TSimd.Load(p + panel + column), TSimd.Load(q + column), even);
                        odd = TSimd.Fma(TSimd.Load(p + panel + column + TSimd.Count), TSimd.Load(q + column + TSimd.Count), odd);
                    }
                    for (; column < width; column += TSimd.Count) even = TSimd.Fma(TSimd.Load(p + panel + column), TSimd.Load(q + column), even);
                }
                var sum = TSimd.Sum(TSimd.Add(even, odd)) + start;
                y[row * yStride + output] = rectify ? MathF.Max(sum, 0) : sum;
            }
        }
    }

    /// <summary>gradient ← 0 where the rectified output is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MaskGradient(float* output, float* gradient, long count)
    {
        for (long i = 0; i < count; i += TSimd.Count)
            TSimd.Store(TSimd.Select(TSimd.Greater(TSimd.Load(output + i), TSimd.Zero), TSimd.Load(gradient + i), TSimd.Zero), gradient + i);
    }

    /// <summary>x ← max(factor · x + bias, 0 when rectified) per row of <paramref name="stride"/> floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScaleRows(float* x, int stride, int rows, float factor, float* bias, bool rectify)
    {
        var scale = TSimd.Broadcast(factor);
        for (var row = 0; row < rows; row++)
        {
            var p = x + (long)row * stride;
            for (var column = 0; column < stride; column += TSimd.Count)
            {
                var value = TSimd.Fma(TSimd.Load(p + column), scale, bias is null ? TSimd.Zero : TSimd.Load(bias + column));
                TSimd.Store(rectify ? TSimd.Max(TSimd.Zero, value) : value, p + column);
            }
        }
    }

    /// <summary>target (+)= source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy(float* source, float* target, long count, bool add)
    {
        if (!add)
        {
            Buffer.MemoryCopy(source, target, count * sizeof(float), count * sizeof(float));
            return;
        }
        for (long i = 0; i < count; i += TSimd.Count) TSimd.Store(TSimd.Add(TSimd.Load(target + i), TSimd.Load(source + i)), target + i);
    }

    /// <summary>The transpose of a panelled matrix [rows, columns] as a panelled matrix [columns, rows]; padding of the target stays 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(float* source, int rows, int columns, float* target)
    {
        var padded = (columns + 15) & ~15;
        var targetPadded = (rows + 15) & ~15;
        for (var left = 0; left < padded; left += DenseParameter.PanelWidth)
        {
            var width = Math.Min(DenseParameter.PanelWidth, padded - left);
            var from = source + (long)rows * left;
            for (var top = 0; top < targetPadded; top += DenseParameter.PanelWidth)
            {
                var targetWidth = Math.Min(DenseParameter.PanelWidth, targetPadded - top);
                var to = target + (long)columns * top;
                var bottom = Math.Min(rows, top + targetWidth);
                var right = Math.Min(columns, left + width);
                var row = top;
                for (; row + 4 <= bottom; row += 4)
                {
                    var column = left;
                    for (; column + 4 <= right; column += 4)
                        Transpose4x4(from + (long)row * width + (column - left), width, to + (long)column * targetWidth + (row - top), targetWidth);
                    for (; column < right; column++)
                    {
                        for (var i = 0; i < 4; i++) to[(long)column * targetWidth + (row + i - top)] = from[(long)(row + i) * width + (column - left)];
                    }
                }
                for (; row < bottom; row++)
                {
                    for (var column = left; column < right; column++) to[(long)column * targetWidth + (row - top)] = from[(long)row * width + (column - left)];
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose4x4(float* source, long sourceStride, float* target, long targetStride)
    {
        var a = Vector128.Load(source);
        var b = Vector128.Load(source + sourceStride);
        var c = Vector128.Load(source + 2 * sourceStride);
        var d = Vector128.Load(source + 3 * sourceStride);
        var ab = UnpackLow(a, b);
        var cd = UnpackLow(c, d);
        var ab2 = UnpackHigh(a, b);
        var cd2 = UnpackHigh(c, d);
        Vector128.Create(ab.GetLower(), cd.GetLower()).Store(target);
        Vector128.Create(ab.GetUpper(), cd.GetUpper()).Store(target + targetStride);
        Vector128.Create(ab2.GetLower(), cd2.GetLower()).Store(target + 2 * targetStride);
        Vector128.Create(ab2.GetUpper(), cd2.GetUpper()).Store(target + 3 * targetStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> UnpackLow(Vector128<float> a, Vector128<float> b)
        => System.Runtime.Intrinsics.X86.Sse.IsSupported ? System.Runtime.Intrinsics.X86.Sse.UnpackLow(a, b) : Vector128.Create(a[0], b[0], a[1], b[1]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> UnpackHigh(Vector128<float> a, Vector128<float> b)
        => System.Runtime.Intrinsics.X86.Sse.IsSupported ? System.Runtime.Intrinsics.X86.Sse.UnpackHigh(a, b) : Vector128.Create(a[2], b[2], a[3], b[3]);
}
