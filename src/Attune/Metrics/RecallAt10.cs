namespace Attune.Metrics;

/// <summary>Share of a query's right answers among the first ten places, mean over queries.</summary>
public sealed class RecallAt10 : RankingMetric
{
    /// <inheritdoc/>
    public override string Name => "recall_at_10";

    /// <inheritdoc/>
    public override string Description => "Share of a query's right answers among the first ten.";

    private protected override double[] Figures(RankingScores scores) => scores.Recalls(10);
}
