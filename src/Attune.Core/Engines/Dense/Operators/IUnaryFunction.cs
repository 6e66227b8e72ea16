using Attune.Numerics;

namespace Attune.Engines.Dense.Operators;

/// <summary>An element-wise function of one input with an optional parameter α, and its slope.</summary>
internal interface IUnaryFunction<TSimd, TVector> where TSimd : struct, ISimd<TVector> where TVector : struct
{
    /// <summary>True when f(0) = 0, so that padding stays 0 by itself.</summary>
    public static abstract bool KeepsZero { get; }

    /// <summary>f(x).</summary>
    public static abstract TVector Value(TVector x, TVector alpha);

    /// <summary>f'(x), given x and y = f(x).</summary>
    public static abstract TVector Slope(TVector x, TVector y, TVector alpha);
}
