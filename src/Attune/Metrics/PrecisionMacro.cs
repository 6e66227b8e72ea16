namespace Attune.Metrics;

/// <summary>Precision TP / (TP + FP) averaged over labels, each counting the same; 0 / 0 counts 0 (scikit-learn's zero_division = 0). Undefined where no row has a label.</summary>
public sealed class PrecisionMacro : MultilabelMetric
{
    /// <inheritdoc/>
    public override string Name => "precision_macro";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Share of the predicted labels that are right, mean over the labels.";

    internal override bool UsesLabelsOnly => true;

    /// <inheritdoc/>
    protected override MetricValue Compute(MultilabelSample sample)
        => LabelAverage.Macro(sample, static counts => counts.Precision);
}
