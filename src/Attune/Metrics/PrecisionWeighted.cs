namespace Attune.Metrics;

/// <summary>Precision TP / (TP + FP) averaged over labels by their rows; 0 / 0 counts 0 (scikit-learn's zero_division = 0). Undefined where no row has a label.</summary>
public sealed class PrecisionWeighted : MultilabelMetric
{
    /// <inheritdoc/>
    public override string Name => "precision_weighted";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Share of the predicted labels that are right, mean over the labels, weighted by their rows.";

    internal override bool UsesLabelsOnly => true;

    /// <inheritdoc/>
    protected override MetricValue Compute(MultilabelSample sample)
        => LabelAverage.Weighted(sample, static counts => counts.Precision);
}
