using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Attune.Metrics;

/// <summary>
/// True labels and predicted probabilities of rows that may have any number of K labels. A label is predicted when its probability ≥ <see cref="Threshold"/>.
/// All that sorts or takes logarithms happens once, on first use; a resample then only sums.
/// </summary>
public sealed class MultilabelScores : ScoredSet
{
    private readonly double[] _probabilities;   // [R, K]
    private readonly byte[] _cells;             // [R, K], truth + 2 · predicted
    private readonly int[]?[] _rankings;
    private readonly ConcurrentDictionary<int, double[]> _gains = [];
    private int[]? _pooled;
    private double[]? _logLosses, _exact, _wrong, _precisions, _recalls, _f1, _rankingPrecisions, _coverages;

    /// <summary>Scores from float probabilities, which are widened to double.</summary>
    /// <param name="truth">1 where a row has a label, else 0; [R, K] row-major.</param>
    /// <param name="probabilities">[R, K] row-major.</param>
    /// <param name="labels">K ≥ 1.</param>
    /// <param name="threshold">Least probability that predicts a label. Default 0.5.</param>
    /// <exception cref="ArgumentException">Shapes do not agree, or a truth is neither 0 nor 1.</exception>
    public MultilabelScores(float[] truth, float[] probabilities, int labels, double threshold = 0.5)
        : this(truth, Array.ConvertAll(probabilities, p => (double)p), labels, threshold) { }

    /// <summary>Scores from double probabilities.</summary>
    /// <inheritdoc cref="MultilabelScores(float[], float[], int, double)"/>
    public MultilabelScores(float[] truth, double[] probabilities, int labels, double threshold = 0.5) : base(labels < 1 ? 0 : truth.Length / labels)
    {
        if (labels < 1) throw new ArgumentException("There has to be a label.", nameof(labels));
        if (truth.Length % labels != 0 || truth.Length != probabilities.Length)
            throw new ArgumentException($"{truth.Length} truths of {labels} labels do not fit {probabilities.Length} probabilities; both need [R, K].", nameof(probabilities));
        (_probabilities, Labels, Threshold) = (probabilities, labels, threshold);
        _rankings = new int[labels][];
        _cells = new byte[truth.Length];
        for (var i = 0; i < truth.Length; i++)
        {
            if (truth[i] is not (0 or 1)) throw new ArgumentException($"Truth {truth[i]} is neither 0 nor 1.", nameof(truth));
            _cells[i] = (byte)((truth[i] == 1 ? 1 : 0) + (probabilities[i] >= threshold ? 2 : 0));
        }
    }

    /// <inheritdoc/>
    public override MetricTasks Kind => MetricTasks.Multilabel;

    /// <summary>Number of labels K.</summary>
    public int Labels { get; }

    /// <summary>Least probability that predicts a label.</summary>
    public double Threshold { get; }

    /// <summary>Whether row <paramref name="row"/> has label <paramref name="k"/>.</summary>
    public bool Has(int row, int k) => (_cells[(long)row * Labels + k] & 1) != 0;

    /// <summary>Whether label <paramref name="k"/> is predicted for row <paramref name="row"/>.</summary>
    public bool Predicts(int row, int k) => (_cells[(long)row * Labels + k] & 2) != 0;

    /// <summary>Probability that row <paramref name="row"/> has label <paramref name="k"/>.</summary>
    public double Probability(int row, int k) => _probabilities[(long)row * Labels + k];

    /// <inheritdoc/>
    public override Sample NewSample() => new MultilabelSample(this);

    /// <inheritdoc/>
    public override ReadOnlySpan<double> RowLosses => LogLosses;

    /// <summary>Mean over the labels of -log of the true side's probability, clipped like a class's.</summary>
    internal double[] LogLosses => _logLosses ??= EachRow(row =>
    {
        double sum = 0;
        for (var k = 0; k < Labels; k++)
        {
            var p = Math.Clamp(Probability(row, k), ClassificationScores.Epsilon, 1 - ClassificationScores.Epsilon);
            sum -= Has(row, k) ? Math.Log(p) : Math.Log(1 - p);
        }
        return sum / Labels;
    });

    /// <summary>Truth + 2 · predicted of every row and label, [R, K].</summary>
    internal ReadOnlySpan<byte> Cells => _cells;

    /// <summary>1 where every label of the row is right.</summary>
    internal double[] Exact => _exact ??= EachRow(row => Tally(row) is (var right, var actual, var predicted) && right == actual && right == predicted ? 1 : 0);

    /// <summary>Share of the row's labels that are wrong.</summary>
    internal double[] Wrong => _wrong ??= EachRow(row => Tally(row) is (var right, var actual, var predicted) ? (double)(actual + predicted - 2 * right) / Labels : 0);

    /// <summary>Right / predicted labels of the row, 0 where none is predicted.</summary>
    internal double[] Precisions => _precisions ??= EachRow(row => Tally(row) is (var right, _, > 0 and var predicted) ? (double)right / predicted : 0);

    /// <summary>Right / true labels of the row, 0 where it has none.</summary>
    internal double[] Recalls => _recalls ??= EachRow(row => Tally(row) is (var right, > 0 and var actual, _) ? (double)right / actual : 0);

    /// <summary>2 · right / (true + predicted) labels of the row, 0 where there are neither.</summary>
    internal double[] F1 => _f1 ??= EachRow(row => Tally(row) is (var right, var actual, var predicted) && actual + predicted > 0 ? 2.0 * right / (actual + predicted) : 0);

    /// <summary>Mean over the row's labels of the share of true labels among those that score as high; 1 for rows with none or all.</summary>
    internal double[] RankingPrecisions => _rankingPrecisions ??= EachRow(row =>
    {
        var actual = Tally(row).Actual;
        if (actual == 0 || actual == Labels) return 1;
        double sum = 0;
        for (var k = 0; k < Labels; k++)
        {
            if (!Has(row, k)) continue;
            int rank = 0, right = 0;
            for (var other = 0; other < Labels; other++)
            {
                if (!(Probability(row, other) >= Probability(row, k))) continue;
                rank++;
                if (Has(row, other)) right++;
            }
            sum += (double)right / rank;   // 0 / 0, undefined, where the score is no number
        }
        return sum / actual;
    });

    /// <summary>How many of the best-scored labels it takes to have all true ones; 0 for rows without labels.</summary>
    internal double[] Coverages => _coverages ??= EachRow(row =>
    {
        var least = double.PositiveInfinity;
        for (var k = 0; k < Labels; k++)
        {
            if (Has(row, k)) least = Math.Min(least, Probability(row, k));
        }
        if (double.IsNaN(least)) return double.NaN;
        var count = 0;
        for (var k = 0; k < Labels; k++) count += Probability(row, k) >= least ? 1 : 0;
        return count;
    });

    /// <summary>Discounted gain of the row's true labels among the <paramref name="first"/> best-scored, over the largest possible; ties share their places. 0 for rows without labels.</summary>
    internal double[] Gains(int first) => _gains.GetOrAdd(first, GainsOf);

    private double[] GainsOf(int first)
    {
        var discounts = new double[Labels + 1];   // sums of 1 / log2(place + 1)
        for (var place = 0; place < Labels; place++) discounts[place + 1] = discounts[place] + (place < first ? 1 / Math.Log2(place + 2) : 0);
        return EachRow(row =>
        {
            var actual = Tally(row).Actual;
            if (actual == 0) return 0;
            double sum = 0;
            for (var k = 0; k < Labels; k++)
            {
                if (!Has(row, k)) continue;
                int above = 0, equal = 0;
                for (var other = 0; other < Labels; other++)
                {
                    if (Probability(row, other) > Probability(row, k)) above++;
                    else if (Probability(row, other) == Probability(row, k)) equal++;
                }
                sum += equal == 0 ? double.NaN : (discounts[above + equal] - discounts[above]) / equal;
            }
            return sum / discounts[actual];
        });
    }

    /// <summary>Rows by falling probability of label <paramref name="k"/>, packed as <see cref="RankingSums.Over"/> reads them.</summary>
    internal int[] Ranking(int k) => _rankings[k] ??= Rank([.. Enumerable.Range(0, Rows).Select(row => (row, k))]);

    /// <summary>All rows and labels in one ranking.</summary>
    internal int[] PooledRanking => _pooled ??= Rank([.. Enumerable.Range(0, Rows * Labels).Select(i => (i / Labels, i % Labels))]);

    internal override bool SamePredictions(ScoredSet other)
        => other is MultilabelScores scores && MemoryMarshal.AsBytes<double>(_probabilities).SequenceEqual(MemoryMarshal.AsBytes<double>(scores._probabilities));

    internal override bool SameTruth(ScoredSet other)
    {
        if (other is not MultilabelScores scores || scores.Labels != Labels || scores.Rows != Rows) return false;
        for (var i = 0; i < _cells.Length; i++)
        {
            if ((_cells[i] & 1) != (scores._cells[i] & 1)) return false;
        }
        return true;
    }

    internal override int ChangedRows(ScoredSet other, bool labelsOnly)
    {
        var scores = (MultilabelScores)other;
        var changed = 0;
        for (var row = 0; row < Rows; row++)
        {
            var (start, same) = (row * Labels, false);
            same = labelsOnly
                ? _cells.AsSpan(start, Labels).SequenceEqual(scores._cells.AsSpan(start, Labels))
                : _probabilities.AsSpan(start, Labels).SequenceEqual(scores._probabilities.AsSpan(start, Labels));
            if (!same) changed++;
        }
        return changed;
    }

    private int[] Rank((int Row, int Label)[] entries)
    {
        var scores = Array.ConvertAll(entries, e => -Probability(e.Row, e.Label));
        Array.Sort(scores, entries);
        var order = new int[entries.Length];
        for (var i = 0; i < order.Length; i++)
        {
            var last = i + 1 == order.Length || scores[i + 1] != scores[i];
            order[i] = entries[i].Row << 2 | (last ? 2 : 0) | (Has(entries[i].Row, entries[i].Label) ? 1 : 0);
        }
        return order;
    }

    private (int Right, int Actual, int Predicted) Tally(int row)
    {
        int right = 0, actual = 0, predicted = 0;
        foreach (var cell in _cells.AsSpan(row * Labels, Labels))
        {
            actual += cell & 1;
            predicted += cell >> 1;
            right += cell == 3 ? 1 : 0;
        }
        return (right, actual, predicted);
    }

    private double[] EachRow(Func<int, double> value)
    {
        var values = new double[Rows];
        for (var row = 0; row < values.Length; row++) values[row] = value(row);
        return values;
    }
}
