using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Engines.Dense.Operators;

/// <summary>erf(x).</summary>
internal readonly struct Erf<TSimd, TVector> : IUnaryFunction<TSimd, TVector> where TSimd : struct, ISimd<TVector> where TVector : struct
{
    /// <inheritdoc/>
    public static bool KeepsZero => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value(TVector x, TVector alpha) => VectorMath<TSimd, TVector>.Erf(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Slope(TVector x, TVector y, TVector alpha) => TSimd.Multiply(TSimd.Broadcast(1.12837917f), VectorMath<TSimd, TVector>.Exp(TSimd.Subtract(TSimd.Zero, TSimd.Multiply(x, x))));
}
