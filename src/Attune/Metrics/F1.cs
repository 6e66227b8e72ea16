namespace Attune.Metrics;

/// <summary>2·TP / (2·TP + FP + FN) of the positive class, or the macro average over all K classes (0 for a class neither there nor predicted). Undefined when two classes have no positive row.</summary>
public sealed class F1 : ClassificationMetric
{
    /// <inheritdoc/>
    public override string Name => "f1";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Harmonic mean of precision and recall; macro average for more than two classes.";

    internal override bool UsesLabelsOnly => true;

    /// <inheritdoc/>
    protected override MetricValue Compute(ClassificationSample sample)
        => ClassAverage.Of(sample, static (right, rows, predicted) => rows + predicted == 0 ? 0 : 2.0 * right / (rows + predicted));
}
