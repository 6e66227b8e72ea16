using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Engines.Dense.Operators;

/// <summary>tanh(x).</summary>
internal readonly struct Tanh<TSimd, TVector> : IUnaryFunction<TSimd, TVector> where TSimd : struct, ISimd<TVector> where TVector : struct
{
    /// <inheritdoc/>
    public static bool KeepsZero => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value(TVector x, TVector alpha) => VectorMath<TSimd, TVector>.Tanh(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Slope(TVector x, TVector y, TVector alpha) => TSimd.Subtract(TSimd.Broadcast(1f), TSimd.Multiply(y, y));
}
