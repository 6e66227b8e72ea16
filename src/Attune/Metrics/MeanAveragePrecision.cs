namespace Attune.Metrics;

/// <summary>Mean over queries of the average precision: the share of right answers among the places down to each right answer. Equals the mean of scikit-learn's average_precision_score where no scores tie.</summary>
public sealed class MeanAveragePrecision : RankingMetric
{
    /// <inheritdoc/>
    public override string Name => "mean_average_precision";

    /// <inheritdoc/>
    public override string Description => "Share of right answers down to each right answer, mean over these and over queries.";

    private protected override double[] Figures(RankingScores scores) => scores.AveragePrecisions;
}
