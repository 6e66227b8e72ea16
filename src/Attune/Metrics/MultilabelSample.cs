using System.Runtime.CompilerServices;

namespace Attune.Metrics;

/// <summary>Rows of several labels with counts. Shared sums (confusion counts, rankings) are computed once per resample, on first use.</summary>
public sealed class MultilabelSample : Sample
{
    private readonly long[] _confusion;   // [K, 4], by truth + 2 · predicted
    private readonly RankingSums?[] _rankings;
    private RankingSums? _pooled;
    private bool _counted;

    internal MultilabelSample(MultilabelScores scores) : base(scores)
    {
        Scores = scores;
        _confusion = new long[scores.Labels * 4];
        _rankings = new RankingSums?[scores.Labels];
    }

    /// <summary>The rows.</summary>
    public MultilabelScores Scores { get; }

    /// <summary>Number of labels K.</summary>
    public int Labels => Scores.Labels;

    /// <summary>Counted rows of one label.</summary>
    public LabelCounts Counted(int k)
    {
        if (!_counted) CountCells();
        return new(_confusion[4 * k], _confusion[4 * k + 2], _confusion[4 * k + 1], _confusion[4 * k + 3]);
    }

    /// <summary>The sum of all labels' counts.</summary>
    internal LabelCounts Pooled
    {
        get
        {
            var sum = default(LabelCounts);
            for (var k = 0; k < Labels; k++)
            {
                var one = Counted(k);
                sum = new(sum.TrueNegatives + one.TrueNegatives, sum.FalsePositives + one.FalsePositives, sum.FalseNegatives + one.FalseNegatives, sum.TruePositives + one.TruePositives);
            }
            return sum;
        }
    }

    /// <summary>Mean of row values [R].</summary>
    internal double Mean(double[] values) => Sum(Counts, values) / Rows;

    /// <summary>Areas of label <paramref name="k"/>.</summary>
    internal RankingSums Ranking(int k) => _rankings[k] ??= RankingSums.Over(Scores.Ranking(k), Counts);

    /// <summary>Areas over all labels together.</summary>
    internal RankingSums PooledRanking => _pooled ??= RankingSums.Over(Scores.PooledRanking, Counts);

    private protected override void Forget()
    {
        _counted = false;
        _pooled = null;
        Array.Clear(_rankings);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CountCells()
    {
        Array.Clear(_confusion);
        var cells = Scores.Cells;
        for (int row = 0, i = 0; row < Counts.Length; row++)
        {
            var count = Counts[row];
            for (var k = 0; k < Labels; k++, i++) _confusion[4 * k + cells[i]] += count;
        }
        _counted = true;
    }
}

/// <summary>Counted rows of a label by truth and prediction.</summary>
/// <param name="TrueNegatives">Neither there nor predicted.</param>
/// <param name="FalsePositives">Predicted but not there.</param>
/// <param name="FalseNegatives">There but not predicted.</param>
/// <param name="TruePositives">There and predicted.</param>
public readonly record struct LabelCounts(long TrueNegatives, long FalsePositives, long FalseNegatives, long TruePositives)
{
    /// <summary>Rows that have the label.</summary>
    public long Support => TruePositives + FalseNegatives;

    /// <summary>TP / (TP + FP), 0 where nothing is predicted.</summary>
    public double Precision => TruePositives + FalsePositives == 0 ? 0 : (double)TruePositives / (TruePositives + FalsePositives);

    /// <summary>TP / (TP + FN), 0 where no row has the label.</summary>
    public double Recall => Support == 0 ? 0 : (double)TruePositives / Support;

    /// <summary>2·TP / (2·TP + FP + FN), 0 where that is 0 / 0.</summary>
    public double F1 => Support + TruePositives + FalsePositives == 0 ? 0 : 2.0 * TruePositives / (Support + TruePositives + FalsePositives);
}
