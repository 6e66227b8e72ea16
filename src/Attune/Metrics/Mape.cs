namespace Attune.Metrics;

/// <summary>mean |p - y| / max(|y|, 2⁻⁵²), a fraction: 0.1 is 10 %. Targets of 0 make it huge, as in scikit-learn; prefer <see cref="Mae"/> then.</summary>
public sealed class Mape : RegressionMetric
{
    /// <inheritdoc/>
    public override string Name => "mape";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public override string Description => "Mean absolute error relative to the target, as a fraction (0.1 is 10 %).";

    /// <inheritdoc/>
    protected override MetricValue Compute(RegressionSample sample) => MetricValue.Of(sample.Mean(sample.Scores.RelativeErrors));
}
