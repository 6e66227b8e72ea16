namespace Attune.Metrics;

/// <summary>Area under the ROC curve (ties count half), averaged over labels. Undefined when a label has no rows, or all of them.</summary>
public sealed class RocAucMacro : MultilabelMetric
{
    /// <inheritdoc/>
    public override string Name => "roc_auc_macro";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Chance that a row with the label scores above one without it, mean over the labels.";

    /// <inheritdoc/>
    protected override MetricValue Compute(MultilabelSample sample)
        => LabelAverage.Ranking(sample, static sums => sums.Pairs / ((double)sums.Positives * sums.Negatives), static _ => 1);
}
