using System.Runtime.InteropServices;

namespace Attune.Metrics;

/// <summary>
/// True classes and predicted probabilities. All that sorts or takes logarithms happens once, on first use; a resample then only sums.
/// The predicted class is the first arg max; with two classes the positive one when its probability ≥ <see cref="Threshold"/>.
/// </summary>
public sealed class ClassificationScores : ScoredSet
{
    /// <summary>Probabilities are clipped to [ε, 1-ε] in the log loss, ε = 2⁻⁵², as scikit-learn does for float64.</summary>
    internal const double Epsilon = 2.220446049250313e-16;

    /// <summary>Equal-width bins of the calibration error.</summary>
    internal const int CalibrationBins = 10;

    private readonly double[] _probabilities;   // [R, K]
    private double[]? _logLosses, _brierScores, _gaps;
    private RowGroups? _cells, _bins;
    private int[]? _places;
    private readonly int[]?[] _rankings;

    /// <summary>Scores from float probabilities, which are widened to double and not renormalised (the log loss renormalises on its own).</summary>
    /// <param name="labels">Class indices [R] in [0, K).</param>
    /// <param name="probabilities">[R, K] row-major.</param>
    /// <param name="classes">K ≥ 2.</param>
    /// <param name="positiveIndex">The positive class of two (1 when -1 is given); -1 for more.</param>
    /// <param name="threshold">With two classes, the least positive probability that predicts the positive class. Default 0.5.</param>
    /// <exception cref="ArgumentException">Shapes do not agree, or a label is out of range.</exception>
    public ClassificationScores(int[] labels, float[] probabilities, int classes, int positiveIndex = -1, double threshold = 0.5)
        : this(labels, Widen(probabilities), classes, positiveIndex, threshold) { }

    /// <summary>Scores from double probabilities.</summary>
    /// <inheritdoc cref="ClassificationScores(int[], float[], int, int, double)"/>
    public ClassificationScores(int[] labels, double[] probabilities, int classes, int positiveIndex = -1, double threshold = 0.5) : base(labels.Length)
    {
        if (classes < 2) throw new ArgumentException("Classification needs at least two classes.", nameof(classes));
        if (probabilities.LongLength != (long)labels.Length * classes)
            throw new ArgumentException($"{labels.Length} rows of {classes} classes need {(long)labels.Length * classes} probabilities; got {probabilities.Length}.", nameof(probabilities));
        foreach (var label in labels)
        {
            if ((uint)label >= (uint)classes) throw new ArgumentException($"Label {label} is not in [0, {classes}).", nameof(labels));
        }
        (Labels, _probabilities, Classes, Threshold) = (labels, probabilities, classes, threshold);
        PositiveIndex = classes > 2 ? -1 : positiveIndex < 0 ? 1 : positiveIndex;
        _rankings = new int[classes][];
        Predictions = new int[labels.Length];
        for (var row = 0; row < Predictions.Length; row++) Predictions[row] = Predict(row);
    }

    /// <inheritdoc/>
    public override MetricTasks Kind => Classes == 2 ? MetricTasks.Binary : MetricTasks.Multiclass;

    /// <summary>Number of classes K.</summary>
    public int Classes { get; }

    /// <summary>The positive class of two; -1 for more.</summary>
    public int PositiveIndex { get; }

    /// <summary>Least positive probability that predicts the positive class; not used for more than two classes.</summary>
    public double Threshold { get; }

    /// <summary>True class of every row [R].</summary>
    public int[] Labels { get; }

    /// <summary>Predicted class of every row [R].</summary>
    public int[] Predictions { get; }

    /// <summary>Probability that row <paramref name="row"/> has class <paramref name="k"/>.</summary>
    public double Probability(int row, int k) => _probabilities[(long)row * Classes + k];

    /// <summary>Confidence of the prediction: the largest probability; max(p, 1-p) for two classes.</summary>
    public double Confidence(int row)
    {
        if (PositiveIndex >= 0) return Math.Max(Probability(row, PositiveIndex), 1 - Probability(row, PositiveIndex));
        return Probability(row, Predictions[row]);
    }

    /// <inheritdoc/>
    public override Sample NewSample() => new ClassificationSample(this);

    /// <inheritdoc/>
    public override ReadOnlySpan<double> RowLosses => LogLosses;

    /// <summary>-log of the true class's probability, clipped and then renormalised over the row.</summary>
    internal double[] LogLosses => _logLosses ??= EachRow(row =>
    {
        double sum = 0;
        for (var k = 0; k < Classes; k++) sum += Math.Clamp(Probability(row, k), Epsilon, 1 - Epsilon);
        return -Math.Log(Math.Clamp(Probability(row, Labels[row]), Epsilon, 1 - Epsilon) / sum);
    });

    /// <summary>(p - y)² of the positive class, or Σₖ (pₖ - yₖ)² for more than two classes.</summary>
    internal double[] BrierScores => _brierScores ??= EachRow(row =>
    {
        if (PositiveIndex >= 0) return Square(Probability(row, PositiveIndex) - (Labels[row] == PositiveIndex ? 1 : 0));
        double sum = 0;
        for (var k = 0; k < Classes; k++) sum += Square(Probability(row, k) - (Labels[row] == k ? 1 : 0));
        return sum;
    });

    /// <summary>Right (1) or wrong (0) minus confidence, in the order of <see cref="Bins"/>.</summary>
    internal double[] Gaps => _gaps ??= [.. Bins.Order.Select(row => (Predictions[row] == Labels[row] ? 1 : 0) - Confidence(row))];

    /// <summary>Rows by truth × K + prediction.</summary>
    internal RowGroups Cells => _cells ??= new RowGroups([.. Labels.Select((label, row) => label * Classes + Predictions[row])], Classes * Classes);

    /// <summary>How many classes stand before the true one of each row by falling probability, the later of equals first; K where its probability is no number.</summary>
    internal int[] Places => _places ??= [.. Labels.Select((label, row) =>
    {
        var own = Probability(row, label);
        if (double.IsNaN(own)) return Classes;
        var before = 0;
        for (var k = 0; k < Classes; k++) before += Probability(row, k) > own || (Probability(row, k) == own && k > label) ? 1 : 0;
        return before;
    })];

    /// <summary>Rows by calibration bin: (k-1)/10 &lt; confidence ≤ k/10; 0 falls into the first.</summary>
    internal RowGroups Bins => _bins ??= new RowGroups([.. Enumerable.Range(0, Rows).Select(row => Bin(Confidence(row)))], CalibrationBins);

    /// <summary>
    /// Rows by falling probability of class <paramref name="k"/>, each packed as row·4 + 2·(last of equal scores) + (is class k). Fewer than 2²⁹ rows.
    /// </summary>
    internal int[] Ranking(int k)
    {
        if (_rankings[k] is { } known) return known;
        var scores = new double[Rows];
        var order = new int[Rows];
        for (var row = 0; row < Rows; row++) (scores[row], order[row]) = (-Probability(row, k), row);
        Array.Sort(scores, order);
        for (var i = 0; i < order.Length; i++)
        {
            var last = i + 1 == order.Length || scores[i + 1] != scores[i];
            order[i] = order[i] << 2 | (last ? 2 : 0) | (Labels[order[i]] == k ? 1 : 0);
        }
        return _rankings[k] = order;
    }

    internal override bool SamePredictions(ScoredSet other)
        => other is ClassificationScores scores && MemoryMarshal.AsBytes<double>(_probabilities).SequenceEqual(MemoryMarshal.AsBytes<double>(scores._probabilities));

    internal override bool SameTruth(ScoredSet other)
        => other is ClassificationScores scores && scores.Classes == Classes && scores.PositiveIndex == PositiveIndex && Labels.AsSpan().SequenceEqual(scores.Labels);

    internal override int ChangedRows(ScoredSet other, bool labelsOnly)
    {
        var scores = (ClassificationScores)other;
        var changed = 0;
        for (var row = 0; row < Rows; row++)
        {
            var same = labelsOnly
                ? Predictions[row] == scores.Predictions[row]
                : _probabilities.AsSpan(row * Classes, Classes).SequenceEqual(scores._probabilities.AsSpan(row * Classes, Classes));
            if (!same) changed++;
        }
        return changed;
    }

    private int Predict(int row)
    {
        if (PositiveIndex >= 0) return Probability(row, PositiveIndex) >= Threshold ? PositiveIndex : 1 - PositiveIndex;
        var best = 0;
        for (var k = 1; k < Classes; k++)
        {
            if (Probability(row, k) > Probability(row, best)) best = k;
        }
        return best;
    }

    private static int Bin(double confidence)
    {
        for (var k = 1; k < CalibrationBins; k++)
        {
            if (confidence <= (double)k / CalibrationBins) return k - 1;
        }
        return CalibrationBins - 1;
    }

    private double[] EachRow(Func<int, double> value)
    {
        var values = new double[Rows];
        for (var row = 0; row < values.Length; row++) values[row] = value(row);
        return values;
    }

    private static double Square(double x) => x * x;

    private static double[] Widen(float[] values)
    {
        var wide = new double[values.Length];
        for (var i = 0; i < wide.Length; i++) wide[i] = values[i];
        return wide;
    }
}
