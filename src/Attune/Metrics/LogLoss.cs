namespace Attune.Metrics;

/// <summary>-mean(log p[true class]), natural logarithm; probabilities clipped to [2⁻⁵², 1 - 2⁻⁵²] and then renormalised over the row, as scikit-learn does.</summary>
public sealed class LogLoss : ClassificationMetric
{
    /// <inheritdoc/>
    public override string Name => "log_loss";

    /// <inheritdoc/>
    public override string Unit => "nats";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public override string Description => "Mean negative log probability of the true class.";

    /// <inheritdoc/>
    protected override MetricValue Compute(ClassificationSample sample) => MetricValue.Of(sample.Mean(sample.Scores.LogLosses));
}
