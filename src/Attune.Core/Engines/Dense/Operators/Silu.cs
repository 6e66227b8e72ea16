using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Engines.Dense.Operators;

/// <summary>x·σ(x) (Elfwing et al. 2017, arXiv:1702.03118).</summary>
internal readonly struct Silu<TSimd, TVector> : IUnaryFunction<TSimd, TVector> where TSimd : struct, ISimd<TVector> where TVector : struct
{
    /// <inheritdoc/>
    public static bool KeepsZero => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value(TVector x, TVector alpha) => TSimd.Multiply(x, VectorMath<TSimd, TVector>.Sigmoid(x));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Slope(TVector x, TVector y, TVector alpha)
    {
        var sigmoid = VectorMath<TSimd, TVector>.Sigmoid(x);
        return TSimd.Fma(y, TSimd.Subtract(TSimd.Broadcast(1f), sigmoid), sigmoid);
    }
}
