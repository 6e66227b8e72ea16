using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Engines.Dense.Operators;

/// <summary>½x(1 + tanh(√(2/π)(x + 0.044715x³))) (Hendrycks and Gimpel 2016, arXiv:1606.08415, section 2).</summary>
internal readonly struct GeluTanh<TSimd, TVector> : IUnaryFunction<TSimd, TVector> where TSimd : struct, ISimd<TVector> where TVector : struct
{
    /// <inheritdoc/>
    public static bool KeepsZero => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value(TVector x, TVector alpha)
    {
        var half = TSimd.Multiply(TSimd.Broadcast(0.5f), x);
        var cubic = TSimd.Fma(TSimd.Multiply(TSimd.Broadcast(0.044715f), x), TSimd.Multiply(x, x), x);
        return TSimd.Fma(half, VectorMath<TSimd, TVector>.Tanh(TSimd.Multiply(TSimd.Broadcast(0.797884561f), cubic)), half);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Slope(TVector x, TVector y, TVector alpha)
    {
        TVector half = TSimd.Broadcast(0.5f), one = TSimd.Broadcast(1f), square = TSimd.Multiply(x, x);
        var cubic = TSimd.Fma(TSimd.Multiply(TSimd.Broadcast(0.044715f), x), square, x);
        var t = VectorMath<TSimd, TVector>.Tanh(TSimd.Multiply(TSimd.Broadcast(0.797884561f), cubic));
        var inner = TSimd.Multiply(TSimd.Broadcast(0.797884561f), TSimd.Fma(TSimd.Broadcast(0.134145f), square, one));
        var rise = TSimd.Multiply(TSimd.Multiply(half, x), TSimd.Multiply(TSimd.Subtract(one, TSimd.Multiply(t, t)), inner));
        return TSimd.Add(TSimd.Fma(half, t, half), rise);
    }
}
