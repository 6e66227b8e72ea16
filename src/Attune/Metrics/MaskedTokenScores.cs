namespace Attune.Metrics;

/// <summary>How well the hidden words of texts were guessed. A row is a text: resamples draw texts, because words of one text are not independent.</summary>
public sealed class MaskedTokenScores : ScoredSet
{
    private static readonly double Least = Math.Log(ClassificationScores.Epsilon);   // probabilities are clipped as a classifier's

    private readonly double[] _meanLosses;
    private readonly int[] _starts;

    /// <summary>Scores of texts.</summary>
    /// <param name="labels">Hidden words [U].</param>
    /// <param name="judged">The logarithm of the hidden word's probability, and 1 where it was the most probable, [U, 2].</param>
    /// <param name="rowStarts">First hidden word of each text [R + 1].</param>
    /// <exception cref="ArgumentException">Shapes do not agree.</exception>
    public MaskedTokenScores(int[] labels, ReadOnlySpan<float> judged, int[] rowStarts) : base(rowStarts.Length - 1)
    {
        if (judged.Length != 2L * labels.Length || rowStarts[^1] != labels.Length) throw new ArgumentException($"{labels.Length} hidden words, {judged.Length} figures and texts of {rowStarts[^1]} words do not agree.", nameof(judged));
        (Labels, Judged, _starts) = (labels, judged.ToArray(), rowStarts);
        (Losses, Right, Words, _meanLosses) = (new double[Rows], new double[Rows], new double[Rows], new double[Rows]);
        for (var row = 0; row < Rows; row++)
        {
            for (var word = rowStarts[row]; word < rowStarts[row + 1]; word++)
            {
                Losses[row] -= float.IsNaN(judged[2 * word]) ? Least : Math.Max(Least, judged[2 * word]);
                Right[row] += judged[2 * word + 1];
            }
            Words[row] = rowStarts[row + 1] - rowStarts[row];
            _meanLosses[row] = Words[row] == 0 ? 0 : Losses[row] / Words[row];
        }
    }

    /// <inheritdoc/>
    public override MetricTasks Kind => MetricTasks.MaskedTokens;

    /// <summary>Hidden words [U].</summary>
    public int[] Labels { get; }

    /// <summary>Mean loss of a hidden word of each text [R]; 0 without words.</summary>
    public override ReadOnlySpan<double> RowLosses => _meanLosses;

    /// <inheritdoc/>
    public override Sample NewSample() => new MaskedTokenSample(this);

    /// <summary>Sum of −log p of the hidden words of each text [R].</summary>
    internal double[] Losses { get; }

    /// <summary>Rightly guessed words of each text [R].</summary>
    internal double[] Right { get; }

    /// <summary>Hidden words of each text [R].</summary>
    internal double[] Words { get; }

    /// <summary>The logarithm of the hidden word's probability, and 1 where it was the most probable, [U, 2].</summary>
    public float[] Judged { get; }

    /// <summary>First hidden word of a text.</summary>
    public int StartOf(int row) => _starts[row];

    /// <summary>Hidden words of a text.</summary>
    public int WordsOf(int row) => _starts[row + 1] - _starts[row];

    internal override bool SamePredictions(ScoredSet other) => other is MaskedTokenScores scores && Judged.AsSpan().SequenceEqual(scores.Judged);

    internal override bool SameTruth(ScoredSet other) => other is MaskedTokenScores scores && Labels.AsSpan().SequenceEqual(scores.Labels) && Words.AsSpan().SequenceEqual(scores.Words);

    internal override int ChangedRows(ScoredSet other, bool labelsOnly)
    {
        var (scores, changed) = ((MaskedTokenScores)other, 0);
        for (var row = 0; row < Rows; row++)
        {
            if (labelsOnly ? Right[row] != scores.Right[row] : Losses[row] != scores.Losses[row]) changed++;
        }
        return changed;
    }
}
