using System.Runtime.CompilerServices;

namespace Attune.Metrics;

/// <summary>Classified rows with counts. Shared sums (confusion matrix, ranking, calibration) are computed once per resample, on first use.</summary>
public sealed class ClassificationSample : Sample
{
    private readonly long[] _confusion;   // [K, K], truth × prediction
    private readonly RankingSums?[] _rankings;
    private bool _counted;

    internal ClassificationSample(ClassificationScores scores) : base(scores)
    {
        Scores = scores;
        _confusion = new long[scores.Classes * scores.Classes];
        _rankings = new RankingSums?[scores.Classes];
    }

    /// <summary>The rows.</summary>
    public ClassificationScores Scores { get; }

    /// <summary>Number of classes K.</summary>
    public int Classes => Scores.Classes;

    /// <summary>Counted rows of each truth and prediction, [K, K] row-major, truth first.</summary>
    public ReadOnlySpan<long> Confusion
    {
        get
        {
            if (!_counted) CountCells();
            return _confusion;
        }
    }

    /// <summary>Counted rows whose prediction is right.</summary>
    public long Right
    {
        get
        {
            long right = 0;
            for (var k = 0; k < Classes; k++) right += Confusion[k * Classes + k];
            return right;
        }
    }

    /// <summary>Counted rows of true class <paramref name="k"/>.</summary>
    public long TrueRows(int k)
    {
        long rows = 0;
        foreach (var count in Confusion.Slice(k * Classes, Classes)) rows += count;
        return rows;
    }

    /// <summary>Counted rows predicted as class <paramref name="k"/>.</summary>
    public long PredictedRows(int k)
    {
        long rows = 0;
        for (var truth = 0; truth < Classes; truth++) rows += Confusion[truth * Classes + k];
        return rows;
    }

    /// <summary>Mean of row values [R].</summary>
    internal double Mean(double[] values) => Sum(Counts, values) / Rows;

    /// <summary>Σ over bins of |right - confidence|, summed in the bin, over all counted rows.</summary>
    internal double CalibrationError()
    {
        var bins = Scores.Bins;
        double error = 0;
        for (var bin = 0; bin + 1 < bins.Starts.Length; bin++)
        {
            error += Math.Abs(SumOf(bins.Order.AsSpan(bins.Starts[bin]..bins.Starts[bin + 1]), Scores.Gaps.AsSpan(bins.Starts[bin]..bins.Starts[bin + 1])));
        }
        return error / Rows;
    }

    /// <summary>Areas of class <paramref name="k"/> against the rest.</summary>
    internal RankingSums Ranking(int k) => _rankings[k] ??= RankingSums.Over(Scores.Ranking(k), Counts);

    /// <summary>Share of counted rows whose true class is among the <paramref name="first"/> most probable.</summary>
    internal double Within(int first)
    {
        long rows = 0;
        var places = Scores.Places;
        for (var row = 0; row < places.Length; row++) rows += places[row] < first ? Counts[row] : 0;
        return (double)rows / Rows;
    }

    private protected override void Forget()
    {
        _counted = false;
        Array.Clear(_rankings);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CountCells()
    {
        var cells = Scores.Cells;
        for (var cell = 0; cell < _confusion.Length; cell++)
        {
            long rows = 0;
            foreach (var row in cells.Order.AsSpan(cells.Starts[cell]..cells.Starts[cell + 1])) rows += Counts[row];
            _confusion[cell] = rows;
        }
        _counted = true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double SumOf(ReadOnlySpan<int> rows, ReadOnlySpan<double> values)
    {
        double even = 0, odd = 0;
        var i = 0;
        for (; i + 1 < rows.Length && i + 1 < values.Length; i += 2)
        {
            even += Counts[rows[i]] * values[i];
            odd += Counts[rows[i + 1]] * values[i + 1];
        }
        if (i < rows.Length) even += Counts[rows[i]] * values[i];
        return even + odd;
    }
}
