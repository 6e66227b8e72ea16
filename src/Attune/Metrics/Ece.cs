namespace Attune.Metrics;

/// <summary>Expected calibration error (Naeini et al. 2015): Σ over 10 equal-width bins of (rows in bin / rows)·|accuracy - mean confidence|; bins (k-1)/10 &lt; c ≤ k/10, 0 in the first. Confidence is the largest probability. Biased upwards on few rows.</summary>
public sealed class Ece : ClassificationMetric
{
    /// <inheritdoc/>
    public override string Name => "ece";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public override string Description => "Expected calibration error over 10 equal-width bins of confidence.";

    /// <inheritdoc/>
    protected override MetricValue Compute(ClassificationSample sample) => MetricValue.Of(sample.CalibrationError());
}
