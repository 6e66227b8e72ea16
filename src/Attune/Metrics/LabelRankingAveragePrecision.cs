namespace Attune.Metrics;

/// <summary>Mean over rows and their labels of the share of true labels among those scored as high; rows with no label or all of them count 1. Equals scikit-learn's label_ranking_average_precision_score.</summary>
public sealed class LabelRankingAveragePrecision : MultilabelMetric
{
    /// <inheritdoc/>
    public override string Name => "label_ranking_average_precision";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "How well each row's true labels are ranked above the others; 1 when all stand on top.";

    /// <inheritdoc/>
    protected override MetricValue Compute(MultilabelSample sample)
        => MetricValue.Of(sample.Mean(sample.Scores.RankingPrecisions));
}
