namespace Attune.Metrics;

/// <summary>F1 = 2·TP / (2·TP + FP + FN) averaged over labels by their rows; 0 / 0 counts 0 (scikit-learn's zero_division = 0). Undefined where no row has a label.</summary>
public sealed class F1Weighted : MultilabelMetric
{
    /// <inheritdoc/>
    public override string Name => "f1_weighted";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Harmonic mean of precision and recall, mean over the labels, weighted by their rows.";

    internal override bool UsesLabelsOnly => true;

    /// <inheritdoc/>
    protected override MetricValue Compute(MultilabelSample sample)
        => LabelAverage.Weighted(sample, static counts => counts.F1);
}
