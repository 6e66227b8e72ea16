namespace Attune.Metrics;

/// <summary>F1 = 2·TP / (2·TP + FP + FN) of each row's own labels, averaged over rows; 0 / 0 counts 0 (scikit-learn's zero_division = 0), so rows without labels pull it down. Undefined where no row has a label.</summary>
public sealed class F1Samples : MultilabelMetric
{
    /// <inheritdoc/>
    public override string Name => "f1_samples";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Harmonic mean of precision and recall of each row, mean over the rows.";

    internal override bool UsesLabelsOnly => true;

    /// <inheritdoc/>
    protected override MetricValue Compute(MultilabelSample sample)
        => LabelAverage.Samples(sample, sample.Scores.F1);
}
