namespace Attune.Metrics;

/// <summary>Recall TP / (TP + FN) of each row's own labels, averaged over rows; 0 / 0 counts 0 (scikit-learn's zero_division = 0), so rows without labels pull it down. Undefined where no row has a label.</summary>
public sealed class RecallSamples : MultilabelMetric
{
    /// <inheritdoc/>
    public override string Name => "recall_samples";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Share of the true labels that were found of each row, mean over the rows.";

    internal override bool UsesLabelsOnly => true;

    /// <inheritdoc/>
    protected override MetricValue Compute(MultilabelSample sample)
        => LabelAverage.Samples(sample, sample.Scores.Recalls);
}
