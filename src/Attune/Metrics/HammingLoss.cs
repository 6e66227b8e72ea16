namespace Attune.Metrics;

/// <summary>Share of wrong decisions, Σ wrong / (rows · labels).</summary>
public sealed class HammingLoss : MultilabelMetric
{
    /// <inheritdoc/>
    public override string Name => "hamming_loss";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public override string Description => "Share of all yes-or-no decisions, one for each row and label, that are wrong.";

    internal override bool UsesLabelsOnly => true;

    /// <inheritdoc/>
    protected override MetricValue Compute(MultilabelSample sample)
        => MetricValue.Of(sample.Mean(sample.Scores.Wrong));
}
