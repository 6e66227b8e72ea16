namespace Attune.Encoding;

/// <summary>What a missing number counts as. A column without any number counts as <see cref="EncodingOptions.FillValue"/>.</summary>
public enum ImputeStrategy
{
    /// <summary>The mean of the training rows. <c>mean</c></summary>
    Mean,

    /// <summary>The median of the training rows. <c>median</c></summary>
    Median,

    /// <summary>The most frequent value of the training rows, the smallest of several. <c>most-frequent</c></summary>
    MostFrequent,

    /// <summary><see cref="EncodingOptions.FillValue"/>. <c>constant</c></summary>
    Constant,
}
