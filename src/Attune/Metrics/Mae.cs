namespace Attune.Metrics;

/// <summary>mean |p - y|.</summary>
public sealed class Mae : RegressionMetric
{
    /// <inheritdoc/>
    public override string Name => "mae";

    /// <inheritdoc/>
    public override string Unit => "target";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public override string Description => "Mean absolute error, in the target's unit.";

    /// <inheritdoc/>
    protected override MetricValue Compute(RegressionSample sample) => MetricValue.Of(sample.Mean(sample.Scores.AbsoluteErrors));
}
