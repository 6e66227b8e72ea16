namespace Attune.Metrics;

/// <summary>Recall TP / (TP + FN) of all labels thrown together; 0 / 0 counts 0 (scikit-learn's zero_division = 0). Undefined where no row has a label.</summary>
public sealed class RecallMicro : MultilabelMetric
{
    /// <inheritdoc/>
    public override string Name => "recall_micro";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Share of the true labels that were found, of all labels thrown together.";

    internal override bool UsesLabelsOnly => true;

    /// <inheritdoc/>
    protected override MetricValue Compute(MultilabelSample sample)
        => LabelAverage.Micro(sample, static counts => counts.Recall);
}
