namespace Attune.Metrics;

/// <summary>Recall TP / (TP + FN) averaged over labels by their rows; 0 / 0 counts 0 (scikit-learn's zero_division = 0). Undefined where no row has a label.</summary>
public sealed class RecallWeighted : MultilabelMetric
{
    /// <inheritdoc/>
    public override string Name => "recall_weighted";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Share of the true labels that were found, mean over the labels, weighted by their rows.";

    internal override bool UsesLabelsOnly => true;

    /// <inheritdoc/>
    protected override MetricValue Compute(MultilabelSample sample)
        => LabelAverage.Weighted(sample, static counts => counts.Recall);
}
