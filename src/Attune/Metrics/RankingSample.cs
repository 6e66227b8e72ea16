namespace Attune.Metrics;

/// <summary>Queries with counts.</summary>
public sealed class RankingSample : Sample
{
    internal RankingSample(RankingScores scores) : base(scores) => Scores = scores;

    /// <summary>The queries.</summary>
    public RankingScores Scores { get; }

    /// <summary>Mean of row values [R].</summary>
    internal double Mean(double[] values) => Sum(Counts, values) / Rows;

    private protected override void Forget() { }
}
