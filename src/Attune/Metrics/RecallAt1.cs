namespace Attune.Metrics;

/// <summary>Share of a query's right answers at the first place, mean over queries; with one right answer each, how often it stands on top.</summary>
public sealed class RecallAt1 : RankingMetric
{
    /// <inheritdoc/>
    public override string Name => "recall_at_1";

    /// <inheritdoc/>
    public override string Description => "Share of a query's right answers that stand at the top.";

    private protected override double[] Figures(RankingScores scores) => scores.Recalls(1);
}
