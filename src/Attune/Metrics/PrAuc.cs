namespace Attune.Metrics;

/// <summary>Average precision, Σ (Rₙ - Rₙ₋₁)·Pₙ over falling thresholds: the area under the precision-recall curve as steps, never by trapezoids (which are optimistic). Macro one-vs-rest for more than two classes. Undefined when a class has no rows.</summary>
public sealed class PrAuc : ClassificationMetric
{
    /// <inheritdoc/>
    public override string Name => "pr_auc";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Average precision of the positive class; macro one-vs-rest for more than two classes.";

    /// <inheritdoc/>
    protected override MetricValue Compute(ClassificationSample sample)
        => RankingAverage.Of(sample, static sums => sums.Precision / sums.Positives);
}
