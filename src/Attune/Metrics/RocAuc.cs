namespace Attune.Metrics;

/// <summary>Area under the ROC curve (ties count half) of the positive class's probability, or the macro average of one class against the rest. Undefined when a class, or all but one, has no rows.</summary>
public sealed class RocAuc : ClassificationMetric
{
    /// <inheritdoc/>
    public override string Name => "roc_auc";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Chance that a positive row scores above a negative one; macro one-vs-rest for more than two classes.";

    /// <inheritdoc/>
    protected override MetricValue Compute(ClassificationSample sample)
        => RankingAverage.Of(sample, static sums => sums.Pairs / ((double)sums.Positives * sums.Negatives));
}
