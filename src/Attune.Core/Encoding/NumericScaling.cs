namespace Attune.Encoding;

/// <summary>How real numbers are scaled.</summary>
public enum NumericScaling
{
    /// <summary>(x - mean) / standard deviation of the training rows (population; 1 for a constant column). <c>standard</c></summary>
    Standard,

    /// <summary>The training range mapped to [range-low, range-high]. <c>min-max</c></summary>
    MinMax,

    /// <summary>(x - median) / (third - first quartile) of the training rows; other quantiles with <c>robust-low</c> and <c>robust-high</c>. <c>robust</c></summary>
    Robust,

    /// <summary>x / divisor, nothing fitted. <c>divide</c></summary>
    Divide,

    /// <summary>x / the largest |x| of the training rows. <c>max-abs</c></summary>
    MaxAbs,

    /// <summary>Yeo-Johnson's power transform with the exponent of greatest likelihood, then standard. <c>yeo-johnson</c></summary>
    YeoJohnson,

    /// <summary>Box-Cox's power transform for positive numbers, then standard. <c>box-cox</c></summary>
    BoxCox,

    /// <summary>The share of training rows below x, in [0, 1]. <c>quantile</c></summary>
    Quantile,

    /// <summary>That share as a quantile of the standard normal distribution, in ±5.2. <c>quantile-normal</c></summary>
    QuantileNormal,

    /// <summary>One output for each of some bins. <c>bins</c></summary>
    Bins,

    /// <summary>The index of the bin. <c>bin-index</c></summary>
    BinIndex,

    /// <summary>x as it is. <c>none</c></summary>
    None,
}
