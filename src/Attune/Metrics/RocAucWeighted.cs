namespace Attune.Metrics;

/// <summary>Area under the ROC curve (ties count half), averaged over labels by their rows. Undefined when a label has no rows, or all of them.</summary>
public sealed class RocAucWeighted : MultilabelMetric
{
    /// <inheritdoc/>
    public override string Name => "roc_auc_weighted";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Chance that a row with the label scores above one without it, mean over the labels, weighted by their rows.";

    /// <inheritdoc/>
    protected override MetricValue Compute(MultilabelSample sample)
        => LabelAverage.Ranking(sample, static sums => sums.Pairs / ((double)sums.Positives * sums.Negatives), static sums => sums.Positives);
}
