namespace Attune.Metrics;

/// <summary>Share of right predictions, right / rows.</summary>
public sealed class Accuracy : ClassificationMetric
{
    /// <inheritdoc/>
    public override string Name => "accuracy";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Share of rows whose predicted class is the true one.";

    internal override bool UsesLabelsOnly => true;

    /// <inheritdoc/>
    protected override MetricValue Compute(ClassificationSample sample) => MetricValue.Of((double)sample.Right / sample.Rows);
}
