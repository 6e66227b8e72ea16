namespace Attune.Metrics;

/// <summary>F1 = 2·TP / (2·TP + FP + FN) averaged over labels, each counting the same; 0 / 0 counts 0 (scikit-learn's zero_division = 0). Undefined where no row has a label.</summary>
public sealed class F1Macro : MultilabelMetric
{
    /// <inheritdoc/>
    public override string Name => "f1_macro";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Harmonic mean of precision and recall, mean over the labels.";

    internal override bool UsesLabelsOnly => true;

    /// <inheritdoc/>
    protected override MetricValue Compute(MultilabelSample sample)
        => LabelAverage.Macro(sample, static counts => counts.F1);
}
