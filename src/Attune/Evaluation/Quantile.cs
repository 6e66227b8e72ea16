namespace Attune.Evaluation;

/// <summary>Quantiles of sorted numbers.</summary>
internal static class Quantile
{
    /// <summary>Linear interpolation at position p·(n - 1), as numpy's default. One number or more.</summary>
    public static double Linear(ReadOnlySpan<double> sorted, double p)
    {
        var position = p * (sorted.Length - 1);
        var below = (int)Math.Floor(position);
        if (below + 1 >= sorted.Length) return sorted[^1];
        var share = position - below;
        return share == 0 ? sorted[below] : sorted[below] + share * (sorted[below + 1] - sorted[below]);
    }
}
