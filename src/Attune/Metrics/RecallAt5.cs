namespace Attune.Metrics;

/// <summary>Share of a query's right answers among the first five places, mean over queries.</summary>
public sealed class RecallAt5 : RankingMetric
{
    /// <inheritdoc/>
    public override string Name => "recall_at_5";

    /// <inheritdoc/>
    public override string Description => "Share of a query's right answers among the first five.";

    private protected override double[] Figures(RankingScores scores) => scores.Recalls(5);
}
