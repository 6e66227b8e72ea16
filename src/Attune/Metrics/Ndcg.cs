namespace Attune.Metrics;

/// <summary>Normalised discounted cumulative gain Σ yₖ / log₂(1 + rankₖ) over the largest possible, mean over rows; tied scores share their places. Rows without labels count 0, as in scikit-learn's ndcg_score.</summary>
public sealed class Ndcg : MultilabelMetric
{
    /// <inheritdoc/>
    public override string Name => "ndcg";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "How near the true labels stand to the top of each row's ranking, with a discount by place.";

    /// <inheritdoc/>
    protected override MetricValue Compute(MultilabelSample sample)
        => MetricValue.Of(sample.Mean(sample.Scores.Gains(sample.Labels)));
}
