namespace Attune.Metrics;

/// <summary>TP / (TP + FP) of the positive class, or the macro average over all K classes. 0 where nothing was predicted (scikit-learn's zero_division = 0); undefined when two classes have no positive row.</summary>
public sealed class Precision : ClassificationMetric
{
    /// <inheritdoc/>
    public override string Name => "precision";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Share of the rows predicted positive that are positive; macro average for more than two classes.";

    internal override bool UsesLabelsOnly => true;

    /// <inheritdoc/>
    protected override MetricValue Compute(ClassificationSample sample)
        => ClassAverage.Of(sample, static (right, _, predicted) => predicted == 0 ? 0 : (double)right / predicted);
}
