namespace Attune.Metrics;

/// <summary>√ mean (p - y)².</summary>
public sealed class Rmse : RegressionMetric
{
    /// <inheritdoc/>
    public override string Name => "rmse";

    /// <inheritdoc/>
    public override string Unit => "target";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public override string Description => "Root of the mean squared error, in the target's unit.";

    /// <inheritdoc/>
    protected override MetricValue Compute(RegressionSample sample) => MetricValue.Of(Math.Sqrt(sample.Mean(sample.Scores.SquaredErrors)));
}
