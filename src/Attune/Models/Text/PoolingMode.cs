namespace Attune.Models.Text;

/// <summary>How the tokens' vectors become one a text, in the order in which sentence-transformers joins several. Padding never counts.</summary>
public enum PoolingMode
{
    /// <summary>The first token's.</summary>
    Cls,

    /// <summary>The greatest of each feature.</summary>
    Max,

    /// <summary>The mean.</summary>
    Mean,

    /// <summary>The sum divided by the root of the number of tokens.</summary>
    MeanSquareRoot,

    /// <summary>The mean weighted by position, 1 for the first token.</summary>
    WeightedMean,

    /// <summary>The last token's.</summary>
    LastToken,
}
