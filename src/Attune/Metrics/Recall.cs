namespace Attune.Metrics;

/// <summary>TP / (TP + FN) of the positive class, or the macro average over all K classes, where a class without rows counts 0 (scikit-learn's zero_division = 0). Undefined when two classes have no positive row.</summary>
public sealed class Recall : ClassificationMetric
{
    /// <inheritdoc/>
    public override string Name => "recall";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Share of the positive rows that were found; macro average for more than two classes.";

    internal override bool UsesLabelsOnly => true;

    /// <inheritdoc/>
    protected override MetricValue Compute(ClassificationSample sample)
        => ClassAverage.Of(sample, static (right, rows, _) => rows == 0 ? 0 : (double)right / rows);
}
