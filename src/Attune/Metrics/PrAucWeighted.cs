namespace Attune.Metrics;

/// <summary>Average precision Σ (Rₙ - Rₙ₋₁)·Pₙ, averaged over labels by their rows. Undefined when a label has no rows, or all of them.</summary>
public sealed class PrAucWeighted : MultilabelMetric
{
    /// <inheritdoc/>
    public override string Name => "pr_auc_weighted";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Average precision over the rows with the label, mean over the labels, weighted by their rows.";

    /// <inheritdoc/>
    protected override MetricValue Compute(MultilabelSample sample)
        => LabelAverage.Ranking(sample, static sums => sums.Precision / sums.Positives, static sums => sums.Positives);
}
