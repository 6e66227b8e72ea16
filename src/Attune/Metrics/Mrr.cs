namespace Attune.Metrics;

/// <summary>Mean reciprocal rank: 1 / place of the first right answer, mean over queries; a query without a right answer counts 0.</summary>
public sealed class Mrr : RankingMetric
{
    /// <inheritdoc/>
    public override string Name => "mrr";

    /// <inheritdoc/>
    public override string Description => "1 / place of the first right answer, mean over queries.";

    private protected override double[] Figures(RankingScores scores) => scores.ReciprocalRanks;
}
