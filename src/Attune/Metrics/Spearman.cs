namespace Attune.Metrics;

/// <summary>Spearman's correlation of cosines and scores: that of their ranks, equal values sharing the mean; undefined where one of them is the same in all rows. Equals scipy's spearmanr.</summary>
public sealed class Spearman : SimilarityMetric
{
    /// <inheritdoc/>
    public override string Name => "spearman";

    /// <inheritdoc/>
    public override string Description => "Correlation of the ranks of the cosines of pairs and of their scores.";

    private protected override MetricValue Compute(SimilaritySample sample) => sample.Spearman();
}
