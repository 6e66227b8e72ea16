namespace Attune.Encoding;

/// <summary>How real numbers are scaled.</summary>
public enum NumericScaling
{
    /// <summary>(x - mean) / standard deviation of the training rows (population; 1 for a constant column). <c>standard</c></summary>
    Standard,

    /// <summary>The training range mapped to [range-low, range-high]. <c>min-max</c></summary>
    MinMax,

    /// <summary>(x - median) / (third - first quartile) of the training rows. <c>robust</c></summary>
    Robust,

    /// <summary>x / divisor, nothing fitted. <c>divide</c></summary>
    Divide,

    /// <summary>x as it is. <c>none</c></summary>
    None,
}
