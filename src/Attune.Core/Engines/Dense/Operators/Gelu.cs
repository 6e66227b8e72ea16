using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Engines.Dense.Operators;

/// <summary>x·Φ(x) with the exact normal distribution (Hendrycks and Gimpel 2016, arXiv:1606.08415).</summary>
internal readonly struct Gelu<TSimd, TVector> : IUnaryFunction<TSimd, TVector> where TSimd : struct, ISimd<TVector> where TVector : struct
{
    /// <inheritdoc/>
    public static bool KeepsZero => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value(TVector x, TVector alpha)
    {
        var half = TSimd.Multiply(TSimd.Broadcast(0.5f), x);
        return TSimd.Fma(half, VectorMath<TSimd, TVector>.Erf(TSimd.Multiply(x, TSimd.Broadcast(0.707106781f))), half);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Slope(TVector x, TVector y, TVector alpha)
    {
        var half = TSimd.Broadcast(0.5f);
        var cumulative = TSimd.Fma(half, VectorMath<TSimd, TVector>.Erf(TSimd.Multiply(x, TSimd.Broadcast(0.707106781f))), half);
        var density = TSimd.Multiply(TSimd.Broadcast(0.398942280f), VectorMath<TSimd, TVector>.Exp(TSimd.Multiply(TSimd.Broadcast(-0.5f), TSimd.Multiply(x, x))));
        return TSimd.Fma(x, density, cumulative);
    }
}
