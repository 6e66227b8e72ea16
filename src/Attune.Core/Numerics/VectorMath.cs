using System.Runtime.CompilerServices;

namespace Attune.Numerics;

/// <summary>Elementary functions over vectors of floats, about 1 ulp, the same bits at every width. NaN in, NaN out.</summary>
internal static class VectorMath<TSimd, TVector> where TSimd : struct, ISimd<TVector> where TVector : struct
{
    /// <summary>eˣ; 0 below -87.3 (no denormals) and about 2.4e38 from 88.3 on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp(TVector x)
    {
        var low = TSimd.Broadcast(-87.33f);
        var clamped = TSimd.Min(TSimd.Broadcast(88.3f), TSimd.Max(low, x));
        var n = TSimd.Round(TSimd.Multiply(clamped, TSimd.Broadcast(1.44269504f)));
        // Cody-Waite: ln 2 in two parts, then the Cephes polynomial on [-ln2/2, ln2/2].
        var r = TSimd.Fma(n, TSimd.Broadcast(-0.693359375f), clamped);
        r = TSimd.Fma(n, TSimd.Broadcast(2.12194440e-4f), r);
        var p = TSimd.Broadcast(1.9875691500e-4f);
        p = TSimd.Fma(p, r, TSimd.Broadcast(1.3981999507e-3f));
        p = TSimd.Fma(p, r, TSimd.Broadcast(8.3334519073e-3f));
        p = TSimd.Fma(p, r, TSimd.Broadcast(4.1665795894e-2f));
        p = TSimd.Fma(p, r, TSimd.Broadcast(1.6666665459e-1f));
        p = TSimd.Fma(p, r, TSimd.Broadcast(0.5f));
        p = TSimd.Fma(TSimd.Multiply(p, r), r, TSimd.Add(r, TSimd.Broadcast(1f)));
        return TSimd.Select(TSimd.Greater(low, x), TSimd.Zero, TSimd.Scale(p, n));
    }

    /// <summary>log(1 + u) for u in [0, 1], as 2·artanh(u / (2 + u)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Log1P(TVector u)
    {
        var s = TSimd.Divide(u, TSimd.Add(u, TSimd.Broadcast(2f)));
        var z = TSimd.Multiply(s, s);
        var p = TSimd.Broadcast(1f / 17);
        p = TSimd.Fma(p, z, TSimd.Broadcast(1f / 15));
        p = TSimd.Fma(p, z, TSimd.Broadcast(1f / 13));
        p = TSimd.Fma(p, z, TSimd.Broadcast(1f / 11));
        p = TSimd.Fma(p, z, TSimd.Broadcast(1f / 9));
        p = TSimd.Fma(p, z, TSimd.Broadcast(1f / 7));
        p = TSimd.Fma(p, z, TSimd.Broadcast(1f / 5));
        p = TSimd.Fma(p, z, TSimd.Broadcast(1f / 3));
        var twice = TSimd.Add(s, s);
        return TSimd.Fma(TSimd.Multiply(p, z), twice, twice);
    }

    /// <summary>1 / (1 + e⁻ˣ), from e^-|x| so that neither side overflows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Sigmoid(TVector x)
    {
        var one = TSimd.Broadcast(1f);
        var u = Exp(TSimd.Subtract(TSimd.Zero, TSimd.Abs(x)));
        var large = TSimd.Divide(one, TSimd.Add(one, u));
        return TSimd.Select(TSimd.Greater(TSimd.Zero, x), TSimd.Multiply(u, large), large);
    }

    /// <summary>tanh x: odd polynomial below 0.625 (Cephes tanhf), 1 - 2 / (e^2|x| + 1) above.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Tanh(TVector x)
    {
        var magnitude = TSimd.Abs(x);
        var z = TSimd.Multiply(x, x);
        var p = TSimd.Broadcast(-5.70498872745e-3f);
        p = TSimd.Fma(p, z, TSimd.Broadcast(2.06390887954e-2f));
        p = TSimd.Fma(p, z, TSimd.Broadcast(-5.37397155531e-2f));
        p = TSimd.Fma(p, z, TSimd.Broadcast(1.33314422036e-1f));
        p = TSimd.Fma(p, z, TSimd.Broadcast(-3.33332819422e-1f));
        var small = TSimd.Fma(TSimd.Multiply(p, z), x, x);
        var one = TSimd.Broadcast(1f);
        var e = Exp(TSimd.Add(magnitude, magnitude));
        var large = TSimd.CopySign(TSimd.Subtract(one, TSimd.Divide(TSimd.Broadcast(2f), TSimd.Add(e, one))), x);
        return TSimd.Select(TSimd.Greater(magnitude, TSimd.Broadcast(0.625f)), large, small);
    }

    /// <summary>erf x: odd polynomial below 0.928, 1 - e^poly above.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Erf(TVector x)
    {
        var t = TSimd.Abs(x);
        var s = TSimd.Multiply(x, x);
        var r = TSimd.Fma(TSimd.Broadcast(-1.72853470e-5f), t, TSimd.Broadcast(3.83197126e-4f));
        var u = TSimd.Fma(TSimd.Broadcast(-3.88396438e-3f), t, TSimd.Broadcast(2.42546219e-2f));
        r = TSimd.Fma(r, s, u);
        r = TSimd.Fma(r, t, TSimd.Broadcast(-1.06777877e-1f));
        r = TSimd.Fma(r, t, TSimd.Broadcast(-6.34846687e-1f));
        r = TSimd.Fma(r, t, TSimd.Broadcast(-1.28717512e-1f));
        r = TSimd.Fma(r, t, TSimd.Subtract(TSimd.Zero, t));
        // Beyond 4 the polynomial leaves its range; erf is 1 there to the last bit.
        r = TSimd.Select(TSimd.Greater(t, TSimd.Broadcast(4f)), TSimd.Broadcast(-87f), r);
        var large = TSimd.CopySign(TSimd.Subtract(TSimd.Broadcast(1f), Exp(r)), x);
        var p = TSimd.Broadcast(-5.96761703e-4f);
        p = TSimd.Fma(p, s, TSimd.Broadcast(4.99119423e-3f));
        p = TSimd.Fma(p, s, TSimd.Broadcast(-2.67681349e-2f));
        p = TSimd.Fma(p, s, TSimd.Broadcast(1.12819925e-1f));
        p = TSimd.Fma(p, s, TSimd.Broadcast(-3.76125336e-1f));
        p = TSimd.Fma(p, s, TSimd.Broadcast(1.28379166e-1f));
        return TSimd.Select(TSimd.Greater(t, TSimd.Broadcast(0.927734375f)), large, TSimd.Fma(p, x, x));
    }
}
