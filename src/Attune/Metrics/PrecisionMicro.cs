namespace Attune.Metrics;

/// <summary>Precision TP / (TP + FP) of all labels thrown together; 0 / 0 counts 0 (scikit-learn's zero_division = 0). Undefined where no row has a label.</summary>
public sealed class PrecisionMicro : MultilabelMetric
{
    /// <inheritdoc/>
    public override string Name => "precision_micro";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Share of the predicted labels that are right, of all labels thrown together.";

    internal override bool UsesLabelsOnly => true;

    /// <inheritdoc/>
    protected override MetricValue Compute(MultilabelSample sample)
        => LabelAverage.Micro(sample, static counts => counts.Precision);
}
