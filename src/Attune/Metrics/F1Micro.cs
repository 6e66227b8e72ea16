namespace Attune.Metrics;

/// <summary>F1 = 2·TP / (2·TP + FP + FN) of all labels thrown together; 0 / 0 counts 0 (scikit-learn's zero_division = 0). Undefined where no row has a label.</summary>
public sealed class F1Micro : MultilabelMetric
{
    /// <inheritdoc/>
    public override string Name => "f1_micro";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Harmonic mean of precision and recall, of all labels thrown together.";

    internal override bool UsesLabelsOnly => true;

    /// <inheritdoc/>
    protected override MetricValue Compute(MultilabelSample sample)
        => LabelAverage.Micro(sample, static counts => counts.F1);
}
