namespace Attune.Metrics;

/// <summary>Share of rows of which every label is right (exact match).</summary>
public sealed class SubsetAccuracy : MultilabelMetric
{
    /// <inheritdoc/>
    public override string Name => "subset_accuracy";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Share of rows whose labels are all right.";

    internal override bool UsesLabelsOnly => true;

    /// <inheritdoc/>
    protected override MetricValue Compute(MultilabelSample sample)
        => MetricValue.Of(sample.Mean(sample.Scores.Exact));
}
