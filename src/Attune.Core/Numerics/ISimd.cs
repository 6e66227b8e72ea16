namespace Attune.Numerics;

/// <summary>
/// One vector width as static functions, so that a kernel is written once and compiled for 512, 256 and 128 bits.
/// Element-wise functions give the same bits at every width; sums across lanes do not.
/// </summary>
/// <typeparam name="TVector">The hardware vector of floats.</typeparam>
internal unsafe interface ISimd<TVector> where TVector : struct
{
    /// <summary>Floats in a vector.</summary>
    public static abstract int Count { get; }

    /// <summary>All lanes zero.</summary>
    public static abstract TVector Zero { get; }

    /// <summary>Unaligned load.</summary>
    public static abstract TVector Load(float* source);

    /// <summary>Unaligned store.</summary>
    public static abstract void Store(TVector value, float* destination);

    /// <summary>The same number in every lane.</summary>
    public static abstract TVector Broadcast(float value);

    /// <summary>a + b.</summary>
    public static abstract TVector Add(TVector a, TVector b);

    /// <summary>a - b.</summary>
    public static abstract TVector Subtract(TVector a, TVector b);

    /// <summary>a · b.</summary>
    public static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>a / b, correctly rounded.</summary>
    public static abstract TVector Divide(TVector a, TVector b);

    /// <summary>a · b + c, rounded once.</summary>
    public static abstract TVector Fma(TVector a, TVector b, TVector c);

    /// <summary>√a, correctly rounded.</summary>
    public static abstract TVector Sqrt(TVector a);

    /// <summary>The larger one; b (or NaN) when either is NaN, so put what may be NaN second.</summary>
    public static abstract TVector Max(TVector a, TVector b);

    /// <summary>The smaller one; b (or NaN) when either is NaN, so put what may be NaN second.</summary>
    public static abstract TVector Min(TVector a, TVector b);

    /// <summary>|a|.</summary>
    public static abstract TVector Abs(TVector a);

    /// <summary>Mask of a &gt; b.</summary>
    public static abstract TVector Greater(TVector a, TVector b);

    /// <summary>Where the mask is set a, else b.</summary>
    public static abstract TVector Select(TVector mask, TVector a, TVector b);

    /// <summary>|a| with the sign of <paramref name="sign"/>.</summary>
    public static abstract TVector CopySign(TVector a, TVector sign);

    /// <summary>Nearest integer, ties to even.</summary>
    public static abstract TVector Round(TVector a);

    /// <summary>a · 2ⁿ for integral n with a normal result.</summary>
    public static abstract TVector Scale(TVector a, TVector n);

    /// <summary>Sum over the lanes.</summary>
    public static abstract float Sum(TVector a);

    /// <summary>Largest lane.</summary>
    public static abstract float Largest(TVector a);
}
