using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Engines.Dense.Operators;

/// <summary>1 / (1 + e⁻ˣ).</summary>
internal readonly struct Sigmoid<TSimd, TVector> : IUnaryFunction<TSimd, TVector> where TSimd : struct, ISimd<TVector> where TVector : struct
{
    /// <inheritdoc/>
    public static bool KeepsZero => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value(TVector x, TVector alpha) => VectorMath<TSimd, TVector>.Sigmoid(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Slope(TVector x, TVector y, TVector alpha) => TSimd.Multiply(y, TSimd.Subtract(TSimd.Broadcast(1f), y));
}
