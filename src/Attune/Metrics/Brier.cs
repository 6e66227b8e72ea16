namespace Attune.Metrics;

/// <summary>Brier score: mean (p - y)² of the positive class for two classes (0 to 1); mean Σₖ (pₖ - yₖ)², the sum form of Brier 1950, for more (0 to 2).</summary>
public sealed class Brier : ClassificationMetric
{
    /// <inheritdoc/>
    public override string Name => "brier";

    /// <inheritdoc/>
    public override string Unit => "none";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public override string Description => "Mean squared distance between probabilities and truth.";

    /// <inheritdoc/>
    protected override MetricValue Compute(ClassificationSample sample) => MetricValue.Of(sample.Mean(sample.Scores.BrierScores));
}
