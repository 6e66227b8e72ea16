namespace Attune.Metrics;

/// <summary>Pearson's correlation of cosines and scores; undefined where one of them is the same in all rows. Equals scipy's pearsonr.</summary>
public sealed class Pearson : SimilarityMetric
{
    /// <inheritdoc/>
    public override string Name => "pearson";

    /// <inheritdoc/>
    public override string Description => "Correlation of the cosines of pairs and their scores.";

    private protected override MetricValue Compute(SimilaritySample sample) => sample.Pearson();
}
