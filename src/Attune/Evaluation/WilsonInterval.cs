namespace Attune.Evaluation;

/// <summary>95 % score interval of a proportion (Wilson 1927): never empty, also at 0 and 1.</summary>
public static class WilsonInterval
{
    /// <summary>[low, high] for <paramref name="successes"/> out of <paramref name="rows"/> ≥ 1.</summary>
    public static Interval Of(long successes, long rows)
    {
        const double z = NormalDistribution.Quantile975;
        double n = rows, share = successes / n;
        var middle = (share + z * z / (2 * n)) / (1 + z * z / n);
        var half = z / (1 + z * z / n) * Math.Sqrt(share * (1 - share) / n + z * z / (4 * n * n));
        return new Interval(Math.Max(0, middle - half), Math.Min(1, middle + half));
    }
}
