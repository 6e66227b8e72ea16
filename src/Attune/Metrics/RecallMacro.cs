namespace Attune.Metrics;

/// <summary>Recall TP / (TP + FN) averaged over labels, each counting the same; 0 / 0 counts 0 (scikit-learn's zero_division = 0). Undefined where no row has a label.</summary>
public sealed class RecallMacro : MultilabelMetric
{
    /// <inheritdoc/>
    public override string Name => "recall_macro";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Share of the true labels that were found, mean over the labels.";

    internal override bool UsesLabelsOnly => true;

    /// <inheritdoc/>
    protected override MetricValue Compute(MultilabelSample sample)
        => LabelAverage.Macro(sample, static counts => counts.Recall);
}
