using System.Runtime.CompilerServices;
using Attune.Numerics;

namespace Attune.Engines.Dense.Operators;

/// <summary>x above 0, else α·(eˣ - 1) (Clevert et al. 2016, arXiv:1511.07289).</summary>
internal readonly struct Elu<TSimd, TVector> : IUnaryFunction<TSimd, TVector> where TSimd : struct, ISimd<TVector> where TVector : struct
{
    /// <inheritdoc/>
    public static bool KeepsZero => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value(TVector x, TVector alpha)
    {
        var below = TSimd.Multiply(alpha, TSimd.Subtract(VectorMath<TSimd, TVector>.Exp(TSimd.Min(TSimd.Zero, x)), TSimd.Broadcast(1f)));
        return TSimd.Select(TSimd.Greater(x, TSimd.Zero), x, below);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Slope(TVector x, TVector y, TVector alpha) => TSimd.Select(TSimd.Greater(x, TSimd.Zero), TSimd.Broadcast(1f), TSimd.Add(y, alpha));
}
