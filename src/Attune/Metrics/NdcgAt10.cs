namespace Attune.Metrics;

/// <summary>Normalised discounted cumulative gain over the first ten places: Σ 1 / log₂(1 + place) of right answers over the largest possible, mean over queries (Järvelin and Kekäläinen 2002, https://doi.org/10.1145/582415.582418). Equal scores count against the right answer.</summary>
public sealed class NdcgAt10 : RankingMetric
{
    /// <inheritdoc/>
    public override string Name => "ndcg_at_10";

    /// <inheritdoc/>
    public override string Description => "How near the right answers stand to the top of the first ten places, with a discount by place.";

    private protected override double[] Figures(RankingScores scores) => scores.Gains(10);
}
