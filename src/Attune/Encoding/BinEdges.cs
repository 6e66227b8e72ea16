namespace Attune.Encoding;

/// <summary>Where the edges of bins lie.</summary>
public enum BinEdges
{
    /// <summary>As many training rows in each bin. <c>quantile</c></summary>
    Quantile,

    /// <summary>Bins of equal width over the training range. <c>uniform</c></summary>
    Uniform,

    /// <summary>Half-way between the centres of k-means over the training values. <c>k-means</c></summary>
    KMeans,
}
