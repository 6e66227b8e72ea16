namespace Attune.Metrics;

/// <summary>Area under the ROC curve (ties count half) over every row and label in one ranking. Undefined when no row has a label, or every row has all.</summary>
public sealed class RocAucMicro : MultilabelMetric
{
    /// <inheritdoc/>
    public override string Name => "roc_auc_micro";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Chance that a row with the label scores above one without it, over all labels in one ranking.";

    /// <inheritdoc/>
    protected override MetricValue Compute(MultilabelSample sample)
        => LabelAverage.PooledRanking(sample, static sums => sums.Pairs / ((double)sums.Positives * sums.Negatives));
}
