using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Attune.Numerics;

namespace Attune.Engines.Dense;

/// <summary>
/// The matrix kernel: C[j, c] = Σᵢ A[j, i]·B[i, c] for a panel of up to 64 columns, register-blocked, products added in the order of i with one rounding
/// each, so that a row's bits do not depend on its neighbours. A is read by broadcasts with any pair of strides: forward and input gradients take
/// rows of x, weight gradients take columns of x, and nothing is transposed but the weights of a layer whose input needs a gradient.
/// </summary>
/// <remarks>
/// Measured on Zen 4 (one 512-bit multiply-add a cycle): 4 rows × 4 vectors keep 16 sums in registers and run at that rate (230,656 multiply-adds of the
/// 784-64-64-10 step at batch 32 in 60 µs at about 3.8 GHz); 12 × 2 tiles spilled in an earlier trial and were three times slower. Narrower vectors take
/// 4 × 2, which fits their 16 registers.
/// </remarks>
internal static unsafe partial class DenseKernel<TSimd, TVector> where TSimd : struct, ISimd<TVector> where TVector : struct
{
    /// <summary>One product over a panel.</summary>
    public struct Operands
    {
        /// <summary>First element of A.</summary>
        public float* Left;

        /// <summary>Distance between rows j of A.</summary>
        public long RowStride;

        /// <summary>Distance between the elements i of a row of A.</summary>
        public long InnerStride;

        /// <summary>First row of B's panel.</summary>
        public float* Right;

        /// <summary>Distance between the rows of B.</summary>
        public long RightStride;

        /// <summary>First element of C.</summary>
        public float* Output;

        /// <summary>Distance between the rows of C.</summary>
        public long OutputStride;

        /// <summary>Number of rows j.</summary>
        public int Rows;

        /// <summary>Number of columns c, a multiple of 16 and at most 64.</summary>
        public int Columns;

        /// <summary>Number of products i.</summary>
        public int Inner;

        /// <summary>C += instead of C =.</summary>
        public bool Add;

        /// <summary>Start value of every row, or null.</summary>
        public float* Bias;

        /// <summary>max(C, 0).</summary>
        public bool Rectify;

        /// <summary>C is kept where this is above 0 and else 0, or null.</summary>
        public float* Mask;

        /// <summary>Four places in memory that will be read soon, fetched line by line while a block of four rows is computed, or null.</summary>
        public float** Ahead;

        /// <summary>Distance between the rows of the mask.</summary>
        public long MaskStride;
    }

    /// <summary>Computes one panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in Operands p)
    {
        var wide = TSimd.Count == 16;
        var row = 0;
        for (; row + 4 <= p.Rows; row += 4)
        {
            var column = 0;
            if (wide && p.Columns == 64)
            {
                Tile4x4(p, p.Left + row * p.RowStride, p.Right, p.Output + row * p.OutputStride, p.Bias, Shift(p.Mask, row * p.MaskStride));
                continue;
            }
            for (; column + 2 * TSimd.Count <= p.Columns; column += 2 * TSimd.Count)
                Tile4x2(p, p.Left + row * p.RowStride, p.Right + column, p.Output + row * p.OutputStride + column, Shift(p.Bias, column), Shift(p.Mask, row * p.MaskStride + column));
            for (; column < p.Columns; column += TSimd.Count)
                Tile4x1(p, p.Left + row * p.RowStride, p.Right + column, p.Output + row * p.OutputStride + column, Shift(p.Bias, column), Shift(p.Mask, row * p.MaskStride + column));
        }
        for (; row < p.Rows; row++)
        {
            var column = 0;
            for (; column + 4 * TSimd.Count <= p.Columns; column += 4 * TSimd.Count)
                Tile1x4(p, p.Left + row * p.RowStride, p.Right + column, p.Output + row * p.OutputStride + column, Shift(p.Bias, column), Shift(p.Mask, row * p.MaskStride + column));
            for (; column < p.Columns; column += TSimd.Count)
                Tile1x1(p, p.Left + row * p.RowStride, p.Right + column, p.Output + row * p.OutputStride + column, Shift(p.Bias, column), Shift(p.Mask, row * p.MaskStride + column));
        }
    }

    private static float* Shift(float* pointer, long offset) => pointer is null ? null : pointer + offset;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile4x4(in Operands p, float* a, float* b, float* c, float* bias, float* mask)
    {
        TVector s00, s01, s02, s03, s10, s11, s12, s13, s20, s21, s22, s23, s30, s31, s32, s33;
        float* c1 = c + p.OutputStride;
        float* c2 = c + 2 * p.OutputStride;
        float* c3 = c + 3 * p.OutputStride;
        if (bias is not null)
        {
            s00 = s10 = s20 = s30 = TSimd.Load(bias);
            s01 = s11 = s21 = s31 = TSimd.Load(bias + TSimd.Count);
            s02 = s12 = s22 = s32 = TSimd.Load(bias + 2 * TSimd.Count);
            s03 = s13 = s23 = s33 = TSimd.Load(bias + 3 * TSimd.Count);
        }
        else if (p.Add)
        {
            s00 = TSimd.Load(c);
            s01 = TSimd.Load(c + TSimd.Count);
            s02 = TSimd.Load(c + 2 * TSimd.Count);
            s03 = TSimd.Load(c + 3 * TSimd.Count);
            s10 = TSimd.Load(c1);
            s11 = TSimd.Load(c1 + TSimd.Count);
            s12 = TSimd.Load(c1 + 2 * TSimd.Count);
            s13 = TSimd.Load(c1 + 3 * TSimd.Count);
            s20 = TSimd.Load(c2);
            s21 = TSimd.Load(c2 + TSimd.Count);
            s22 = TSimd.Load(c2 + 2 * TSimd.Count);
            s23 = TSimd.Load(c2 + 3 * TSimd.Count);
            s30 = TSimd.Load(c3);
            s31 = TSimd.Load(c3 + TSimd.Count);
            s32 = TSimd.Load(c3 + 2 * TSimd.Count);
            s33 = TSimd.Load(c3 + 3 * TSimd.Count);
        }
        else
        {
            s00 = s01 = s02 = s03 = s10 = s11 = s12 = s13 = s20 = s21 = s22 = s23 = s30 = s31 = s32 = s33 = TSimd.Zero;
        }
        long step = p.InnerStride, stride = p.RightStride;
        long row = p.RowStride;
        var row3 = 3 * row;
        var ahead = p.Ahead;
        float* n0 = null, n1 = null, n2 = null, n3 = null;
        if (ahead is not null)
        {
            n0 = ahead[0];
            n1 = ahead[1];
            n2 = ahead[2];
            n3 = ahead[3];
        }
        for (var left = p.Inner; left > 0; left -= 16)
        {
            if (Sse.IsSupported && n0 is not null)
            {
                Sse.Prefetch0(n0);
                Sse.Prefetch0(n1);
                Sse.Prefetch0(n2);
                Sse.Prefetch0(n3);
                n0 += 16;
                n1 += 16;
                n2 += 16;
                n3 += 16;
            }
            for (var i = left < 16 ? left : 16; i > 0; i--)
            {
                var b0 = TSimd.Load(b);
                var b1 = TSimd.Load(b + TSimd.Count);
                var b2 = TSimd.Load(b + 2 * TSimd.Count);
                var b3 = TSimd.Load(b + 3 * TSimd.Count);
                var x = TSimd.Broadcast(a[0]);
                s00 = TSimd.Fma(x, b0, s00);
                s01 = TSimd.Fma(x, b1, s01);
                s02 = TSimd.Fma(x, b2, s02);
                s03 = TSimd.Fma(x, b3, s03);
                x = TSimd.Broadcast(a[row]);
                s10 = TSimd.Fma(x, b0, s10);
                s11 = TSimd.Fma(x, b1, s11);
                s12 = TSimd.Fma(x, b2, s12);
                s13 = TSimd.Fma(x, b3, s13);
                x = TSimd.Broadcast(a[2 * row]);
                s20 = TSimd.Fma(x, b0, s20);
                s21 = TSimd.Fma(x, b1, s21);
                s22 = TSimd.Fma(x, b2, s22);
                s23 = TSimd.Fma(x, b3, s23);
                x = TSimd.Broadcast(a[row3]);
                s30 = TSimd.Fma(x, b0, s30);
                s31 = TSimd.Fma(x, b1, s31);
                s32 = TSimd.Fma(x, b2, s32);
                s33 = TSimd.Fma(x, b3, s33);
                a += step;
                b += stride;
            }
        }
        if (p.Rectify)
        {
            s00 = TSimd.Max(TSimd.Zero, s00);
            s01 = TSimd.Max(TSimd.Zero, s01);
            s02 = TSimd.Max(TSimd.Zero, s02);
            s03 = TSimd.Max(TSimd.Zero, s03);
            s10 = TSimd.Max(TSimd.Zero, s10);
            s11 = TSimd.Max(TSimd.Zero, s11);
            s12 = TSimd.Max(TSimd.Zero, s12);
            s13 = TSimd.Max(TSimd.Zero, s13);
            s20 = TSimd.Max(TSimd.Zero, s20);
            s21 = TSimd.Max(TSimd.Zero, s21);
            s22 = TSimd.Max(TSimd.Zero, s22);
            s23 = TSimd.Max(TSimd.Zero, s23);
            s30 = TSimd.Max(TSimd.Zero, s30);
            s31 = TSimd.Max(TSimd.Zero, s31);
            s32 = TSimd.Max(TSimd.Zero, s32);
            s33 = TSimd.Max(TSimd.Zero, s33);
        }
        else if (mask is not null)
        {
            s00 = TSimd.Select(TSimd.Greater(TSimd.Load(mask), TSimd.Zero), s00, TSimd.Zero);
            s01 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + TSimd.Count), TSimd.Zero), s01, TSimd.Zero);
            s02 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + 2 * TSimd.Count), TSimd.Zero), s02, TSimd.Zero);
            s03 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + 3 * TSimd.Count), TSimd.Zero), s03, TSimd.Zero);
            s10 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + p.MaskStride), TSimd.Zero), s10, TSimd.Zero);
            s11 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + p.MaskStride + TSimd.Count), TSimd.Zero), s11, TSimd.Zero);
            s12 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + p.MaskStride + 2 * TSimd.Count), TSimd.Zero), s12, TSimd.Zero);
            s13 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + p.MaskStride + 3 * TSimd.Count), TSimd.Zero), s13, TSimd.Zero);
            s20 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + 2 * p.MaskStride), TSimd.Zero), s20, TSimd.Zero);
            s21 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + 2 * p.MaskStride + TSimd.Count), TSimd.Zero), s21, TSimd.Zero);
            s22 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + 2 * p.MaskStride + 2 * TSimd.Count), TSimd.Zero), s22, TSimd.Zero);
            s23 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + 2 * p.MaskStride + 3 * TSimd.Count), TSimd.Zero), s23, TSimd.Zero);
            s30 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + 3 * p.MaskStride), TSimd.Zero), s30, TSimd.Zero);
            s31 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + 3 * p.MaskStride + TSimd.Count), TSimd.Zero), s31, TSimd.Zero);
            s32 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + 3 * p.MaskStride + 2 * TSimd.Count), TSimd.Zero), s32, TSimd.Zero);
            s33 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + 3 * p.MaskStride + 3 * TSimd.Count), TSimd.Zero), s33, TSimd.Zero);
        }
        TSimd.Store(s00, c);
        TSimd.Store(s01, c + TSimd.Count);
        TSimd.Store(s02, c + 2 * TSimd.Count);
        TSimd.Store(s03, c + 3 * TSimd.Count);
        TSimd.Store(s10, c1);
        TSimd.Store(s11, c1 + TSimd.Count);
        TSimd.Store(s12, c1 + 2 * TSimd.Count);
        TSimd.Store(s13, c1 + 3 * TSimd.Count);
        TSimd.Store(s20, c2);
        TSimd.Store(s21, c2 + TSimd.Count);
        TSimd.Store(s22, c2 + 2 * TSimd.Count);
        TSimd.Store(s23, c2 + 3 * TSimd.Count);
        TSimd.Store(s30, c3);
        TSimd.Store(s31, c3 + TSimd.Count);
        TSimd.Store(s32, c3 + 2 * TSimd.Count);
        TSimd.Store(s33, c3 + 3 * TSimd.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile4x2(in Operands p, float* a, float* b, float* c, float* bias, float* mask)
    {
        TVector s00, s01, s10, s11, s20, s21, s30, s31;
        float* c1 = c + p.OutputStride;
        float* c2 = c + 2 * p.OutputStride;
        float* c3 = c + 3 * p.OutputStride;
        if (bias is not null)
        {
            s00 = s10 = s20 = s30 = TSimd.Load(bias);
            s01 = s11 = s21 = s31 = TSimd.Load(bias + TSimd.Count);
        }
        else if (p.Add)
        {
            s00 = TSimd.Load(c);
            s01 = TSimd.Load(c + TSimd.Count);
            s10 = TSimd.Load(c1);
            s11 = TSimd.Load(c1 + TSimd.Count);
            s20 = TSimd.Load(c2);
            s21 = TSimd.Load(c2 + TSimd.Count);
            s30 = TSimd.Load(c3);
            s31 = TSimd.Load(c3 + TSimd.Count);
        }
        else
        {
            s00 = s01 = s10 = s11 = s20 = s21 = s30 = s31 = TSimd.Zero;
        }
        long step = p.InnerStride, stride = p.RightStride;
        long row = p.RowStride;
        var row3 = 3 * row;
        for (var i = p.Inner; i > 0; i--)
        {
            var b0 = TSimd.Load(b);
            var b1 = TSimd.Load(b + TSimd.Count);
            var x = TSimd.Broadcast(a[0]);
            s00 = TSimd.Fma(x, b0, s00);
            s01 = TSimd.Fma(x, b1, s01);
            x = TSimd.Broadcast(a[row]);
            s10 = TSimd.Fma(x, b0, s10);
            s11 = TSimd.Fma(x, b1, s11);
            x = TSimd.Broadcast(a[2 * row]);
            s20 = TSimd.Fma(x, b0, s20);
            s21 = TSimd.Fma(x, b1, s21);
            x = TSimd.Broadcast(a[row3]);
            s30 = TSimd.Fma(x, b0, s30);
            s31 = TSimd.Fma(x, b1, s31);
            a += step;
            b += stride;
        }
        if (p.Rectify)
        {
            s00 = TSimd.Max(TSimd.Zero, s00);
            s01 = TSimd.Max(TSimd.Zero, s01);
            s10 = TSimd.Max(TSimd.Zero, s10);
            s11 = TSimd.Max(TSimd.Zero, s11);
            s20 = TSimd.Max(TSimd.Zero, s20);
            s21 = TSimd.Max(TSimd.Zero, s21);
            s30 = TSimd.Max(TSimd.Zero, s30);
            s31 = TSimd.Max(TSimd.Zero, s31);
        }
        else if (mask is not null)
        {
            s00 = TSimd.Select(TSimd.Greater(TSimd.Load(mask), TSimd.Zero), s00, TSimd.Zero);
            s01 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + TSimd.Count), TSimd.Zero), s01, TSimd.Zero);
            s10 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + p.MaskStride), TSimd.Zero), s10, TSimd.Zero);
            s11 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + p.MaskStride + TSimd.Count), TSimd.Zero), s11, TSimd.Zero);
            s20 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + 2 * p.MaskStride), TSimd.Zero), s20, TSimd.Zero);
            s21 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + 2 * p.MaskStride + TSimd.Count), TSimd.Zero), s21, TSimd.Zero);
            s30 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + 3 * p.MaskStride), TSimd.Zero), s30, TSimd.Zero);
            s31 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + 3 * p.MaskStride + TSimd.Count), TSimd.Zero), s31, TSimd.Zero);
        }
        TSimd.Store(s00, c);
        TSimd.Store(s01, c + TSimd.Count);
        TSimd.Store(s10, c1);
        TSimd.Store(s11, c1 + TSimd.Count);
        TSimd.Store(s20, c2);
        TSimd.Store(s21, c2 + TSimd.Count);
        TSimd.Store(s30, c3);
        TSimd.Store(s31, c3 + TSimd.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile4x1(in Operands p, float* a, float* b, float* c, float* bias, float* mask)
    {
        TVector s00, s10, s20, s30;
        float* c1 = c + p.OutputStride;
        float* c2 = c + 2 * p.OutputStride;
        float* c3 = c + 3 * p.OutputStride;
        if (bias is not null)
        {
            s00 = s10 = s20 = s30 = TSimd.Load(bias);
        }
        else if (p.Add)
        {
            s00 = TSimd.Load(c);
            s10 = TSimd.Load(c1);
            s20 = TSimd.Load(c2);
            s30 = TSimd.Load(c3);
        }
        else
        {
            s00 = s10 = s20 = s30 = TSimd.Zero;
        }
        long step = p.InnerStride, stride = p.RightStride;
        long row = p.RowStride;
        var row3 = 3 * row;
        for (var i = p.Inner; i > 0; i--)
        {
            var b0 = TSimd.Load(b);
            var x = TSimd.Broadcast(a[0]);
            s00 = TSimd.Fma(x, b0, s00);
            x = TSimd.Broadcast(a[row]);
            s10 = TSimd.Fma(x, b0, s10);
            x = TSimd.Broadcast(a[2 * row]);
            s20 = TSimd.Fma(x, b0, s20);
            x = TSimd.Broadcast(a[row3]);
            s30 = TSimd.Fma(x, b0, s30);
            a += step;
            b += stride;
        }
        if (p.Rectify)
        {
            s00 = TSimd.Max(TSimd.Zero, s00);
            s10 = TSimd.Max(TSimd.Zero, s10);
            s20 = TSimd.Max(TSimd.Zero, s20);
            s30 = TSimd.Max(TSimd.Zero, s30);
        }
        else if (mask is not null)
        {
            s00 = TSimd.Select(TSimd.Greater(TSimd.Load(mask), TSimd.Zero), s00, TSimd.Zero);
            s10 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + p.MaskStride), TSimd.Zero), s10, TSimd.Zero);
            s20 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + 2 * p.MaskStride), TSimd.Zero), s20, TSimd.Zero);
            s30 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + 3 * p.MaskStride), TSimd.Zero), s30, TSimd.Zero);
        }
        TSimd.Store(s00, c);
        TSimd.Store(s10, c1);
        TSimd.Store(s20, c2);
        TSimd.Store(s30, c3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile1x4(in Operands p, float* a, float* b, float* c, float* bias, float* mask)
    {
        TVector s00, s01, s02, s03;
        if (bias is not null)
        {
            s00 = TSimd.Load(bias);
            s01 = TSimd.Load(bias + TSimd.Count);
            s02 = TSimd.Load(bias + 2 * TSimd.Count);
            s03 = TSimd.Load(bias + 3 * TSimd.Count);
        }
        else if (p.Add)
        {
            s00 = TSimd.Load(c);
            s01 = TSimd.Load(c + TSimd.Count);
            s02 = TSimd.Load(c + 2 * TSimd.Count);
            s03 = TSimd.Load(c + 3 * TSimd.Count);
        }
        else
        {
            s00 = s01 = s02 = s03 = TSimd.Zero;
        }
        long step = p.InnerStride, stride = p.RightStride;
        for (var i = p.Inner; i > 0; i--)
        {
            var b0 = TSimd.Load(b);
            var b1 = TSimd.Load(b + TSimd.Count);
            var b2 = TSimd.Load(b + 2 * TSimd.Count);
            var b3 = TSimd.Load(b + 3 * TSimd.Count);
            var x = TSimd.Broadcast(a[0]);
            s00 = TSimd.Fma(x, b0, s00);
            s01 = TSimd.Fma(x, b1, s01);
            s02 = TSimd.Fma(x, b2, s02);
            s03 = TSimd.Fma(x, b3, s03);
            a += step;
            b += stride;
        }
        if (p.Rectify)
        {
            s00 = TSimd.Max(TSimd.Zero, s00);
            s01 = TSimd.Max(TSimd.Zero, s01);
            s02 = TSimd.Max(TSimd.Zero, s02);
            s03 = TSimd.Max(TSimd.Zero, s03);
        }
        else if (mask is not null)
        {
            s00 = TSimd.Select(TSimd.Greater(TSimd.Load(mask), TSimd.Zero), s00, TSimd.Zero);
            s01 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + TSimd.Count), TSimd.Zero), s01, TSimd.Zero);
            s02 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + 2 * TSimd.Count), TSimd.Zero), s02, TSimd.Zero);
            s03 = TSimd.Select(TSimd.Greater(TSimd.Load(mask + 3 * TSimd.Count), TSimd.Zero), s03, TSimd.Zero);
        }
        TSimd.Store(s00, c);
        TSimd.Store(s01, c + TSimd.Count);
        TSimd.Store(s02, c + 2 * TSimd.Count);
        TSimd.Store(s03, c + 3 * TSimd.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile1x1(in Operands p, float* a, float* b, float* c, float* bias, float* mask)
    {
        TVector s00;
        if (bias is not null)
        {
            s00 = TSimd.Load(bias);
        }
        else if (p.Add)
        {
            s00 = TSimd.Load(c);
        }
        else
        {
            s00 = TSimd.Zero;
        }
        long step = p.InnerStride, stride = p.RightStride;
        for (var i = p.Inner; i > 0; i--)
        {
            var b0 = TSimd.Load(b);
            var x = TSimd.Broadcast(a[0]);
            s00 = TSimd.Fma(x, b0, s00);
            a += step;
            b += stride;
        }
        if (p.Rectify)
        {
            s00 = TSimd.Max(TSimd.Zero, s00);
        }
        else if (mask is not null)
        {
            s00 = TSimd.Select(TSimd.Greater(TSimd.Load(mask), TSimd.Zero), s00, TSimd.Zero);
        }
        TSimd.Store(s00, c);
    }
}
