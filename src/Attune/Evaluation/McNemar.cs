namespace Attune.Evaluation;

/// <summary>McNemar's test on paired right/wrong answers; only rows on which one of two models is right count.</summary>
public static class McNemar
{
    /// <summary>Exact two-sided p: binomial(min(b, c), b + c, ½) doubled, at most 1. 1 without discordant rows.</summary>
    public static double ExactP(long firstOnly, long secondOnly)
    {
        var n = firstOnly + secondOnly;
        double sum = 0;
        for (var k = 0L; k <= Math.Min(firstOnly, secondOnly); k++)
        {
            sum += Math.Exp(StudentDistribution.LogGamma(n + 1) - StudentDistribution.LogGamma(k + 1) - StudentDistribution.LogGamma(n - k + 1) - n * Math.Log(2));
        }
        return Math.Min(1, 2 * sum);
    }
}
