namespace Attune.Metrics;

/// <summary>1 - Σ(p - y)² / Σ(y - ȳ)². A constant target gives 0, or 1 when every prediction is exact (scikit-learn's rule); undefined on fewer than two rows.</summary>
public sealed class R2 : RegressionMetric
{
    /// <inheritdoc/>
    public override string Name => "r2";

    /// <inheritdoc/>
    public override string Unit => "none";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Share of the target's variance that is explained; 0 for predicting the mean.";

    /// <inheritdoc/>
    protected override MetricValue Compute(RegressionSample sample)
    {
        if (sample.Rows < 2) return MetricValue.Undefined("One row has no variance to explain.");
        var error = sample.Mean(sample.Scores.SquaredErrors);
        var variance = sample.TargetVariance();
        return variance == 0 ? MetricValue.Of(error == 0 ? 1 : 0) : MetricValue.Of(1 - error / variance);
    }
}
