namespace Attune.Metrics;

/// <summary>Average precision Σ (Rₙ - Rₙ₋₁)·Pₙ over every row and label in one ranking. Undefined when no row has a label, or every row has all.</summary>
public sealed class PrAucMicro : MultilabelMetric
{
    /// <inheritdoc/>
    public override string Name => "pr_auc_micro";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Average precision over the rows with the label, over all labels in one ranking.";

    /// <inheritdoc/>
    protected override MetricValue Compute(MultilabelSample sample)
        => LabelAverage.PooledRanking(sample, static sums => sums.Precision / sums.Positives);
}
