namespace Attune.Metrics;

/// <summary>Pairs with counts.</summary>
public sealed class SimilaritySample : Sample
{
    private readonly double[] _targetRanks, _cosineRanks;

    internal SimilaritySample(SimilarityScores scores) : base(scores)
        => (Scores, _targetRanks, _cosineRanks) = (scores, new double[scores.Rows], new double[scores.Rows]);

    /// <summary>The pairs.</summary>
    public SimilarityScores Scores { get; }

    /// <summary>Correlation of cosines and scores.</summary>
    internal MetricValue Pearson() => Correlation(Scores.Targets, Scores.Cosines);

    /// <summary>Correlation of their ranks; equal values share the mean of their ranks.</summary>
    internal MetricValue Spearman()
    {
        if (Array.Exists(Scores.Cosines, c => !double.IsFinite(c))) return MetricValue.Of(double.NaN);
        Ranks(Scores.TargetOrder, Scores.Targets, _targetRanks);
        Ranks(Scores.CosineOrder, Scores.Cosines, _cosineRanks);
        return Correlation(_targetRanks, _cosineRanks);
    }

    private protected override void Forget() { }

    private void Ranks(int[] order, double[] values, double[] ranks)
    {
        long below = 0;
        for (int start = 0, end; start < order.Length; start = end)
        {
            long same = 0;
            for (end = start; end < order.Length && values[order[end]] == values[order[start]]; end++) same += Counts[order[end]];
            var rank = below + (same + 1) / 2.0;
            for (var i = start; i < end; i++) ranks[order[i]] = rank;
            below += same;
        }
    }

    private MetricValue Correlation(double[] a, double[] b)
    {
        var (meanA, meanB) = (Sum(Counts, a) / Rows, Sum(Counts, b) / Rows);
        double ab = 0, aa = 0, bb = 0;
        for (var row = 0; row < Counts.Length; row++)
        {
            var (x, y) = (a[row] - meanA, b[row] - meanB);
            ab += Counts[row] * x * y;
            aa += Counts[row] * x * x;
            bb += Counts[row] * y * y;
        }
        if (aa == 0) return MetricValue.Undefined("All rows have the same score.");
        return bb == 0 ? MetricValue.Undefined("All rows have the same cosine.") : MetricValue.Of(Math.Clamp(ab / Math.Sqrt(aa * bb), -1, 1));
    }
}
