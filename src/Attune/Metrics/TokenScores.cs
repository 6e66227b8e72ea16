using System.Runtime.InteropServices;
using Attune.Tasks;

namespace Attune.Metrics;

/// <summary>
/// True tags and predicted probabilities of the words of sentences. A row is a sentence: resamples draw sentences, because words of one sentence are not independent. What reads tags or
/// takes logarithms happens once; a resample then only sums.
/// </summary>
public sealed class TokenScores : ScoredSet
{
    private readonly double[] _probabilities;   // [U, K]
    private readonly int[] _starts;             // [R + 1]
    private readonly EntityTally[][] _lenient;
    private readonly EntityTally[][] _strict;
    private readonly double[] _losses;          // [R], sums over words
    private readonly double[] _meanLosses;

    /// <summary>Scores of sentences.</summary>
    /// <param name="task">Names the K tags; entities are read from <c>B-TYPE</c>, <c>I-TYPE</c> and <c>O</c>.</param>
    /// <param name="labels">True tag of each word [U], in [0, K).</param>
    /// <param name="probabilities">[U, K] row-major.</param>
    /// <param name="rowStarts">First word of each sentence [R + 1].</param>
    /// <exception cref="ArgumentException">Shapes do not agree, or a label is out of range.</exception>
    public TokenScores(TokenClassification task, int[] labels, double[] probabilities, int[] rowStarts) : base(rowStarts.Length - 1)
    {
        var tags = task.Tags;
        if (rowStarts[^1] != labels.Length) throw new ArgumentException($"The sentences hold {rowStarts[^1]} words; there are {labels.Length} labels.", nameof(rowStarts));
        if (probabilities.Length != (long)labels.Length * tags.Count) throw new ArgumentException($"{labels.Length} words of {tags.Count} tags do not fit {probabilities.Length} probabilities.", nameof(probabilities));
        if (Array.FindIndex(labels, label => (uint)label >= (uint)tags.Count) is >= 0 and var bad) throw new ArgumentException($"Label {labels[bad]} is no index of {tags.Count} tags.", nameof(labels));
        (Labels, _probabilities, Tags, _starts) = (labels, probabilities, tags, rowStarts);
        (IsIob, Entities) = (task.IsIob, new EntitySpans(tags));
        Predictions = new int[labels.Length];
        for (var word = 0; word < labels.Length; word++) Predictions[word] = Best(probabilities.AsSpan(word * tags.Count, tags.Count));
        (_lenient, _strict) = (new EntityTally[Rows][], new EntityTally[Rows][]);
        (_losses, _meanLosses, Right) = (new double[Rows], new double[Rows], new double[Rows]);
        for (var row = 0; row < Rows; row++)
        {
            for (var word = rowStarts[row]; word < rowStarts[row + 1]; word++)
            {
                _losses[row] += LossOf(word);
                if (labels[word] == Predictions[word]) Right[row]++;
            }
            _meanLosses[row] = WordsOf(row) == 0 ? 0 : _losses[row] / WordsOf(row);
            (_lenient[row], _strict[row]) = (Tally(row, strict: false), Tally(row, strict: true));
        }
    }

    /// <inheritdoc/>
    public override MetricTasks Kind => MetricTasks.Tokens;

    /// <summary>True tag of each word [U].</summary>
    public int[] Labels { get; }

    /// <summary>Predicted tag of each word [U]: the most probable, the first of equals.</summary>
    public int[] Predictions { get; }

    /// <summary>Names of the tags.</summary>
    public IReadOnlyList<string> Tags { get; }

    /// <summary>True when the tags mark entities.</summary>
    public bool IsIob { get; }

    /// <summary>Mean loss of a word of each sentence [R]; 0 without words.</summary>
    public override ReadOnlySpan<double> RowLosses => _meanLosses;

    /// <summary>Probability that a word has tag <paramref name="k"/>.</summary>
    public double Probability(int word, int k) => _probabilities[(long)word * Tags.Count + k];

    /// <summary>Words of a sentence.</summary>
    public int WordsOf(int row) => _starts[row + 1] - _starts[row];

    /// <summary>First word of a sentence.</summary>
    public int StartOf(int row) => _starts[row];

    /// <inheritdoc/>
    public override Sample NewSample() => new TokenSample(this);

    internal EntitySpans Entities { get; }

    /// <summary>Rightly tagged words of each sentence.</summary>
    internal double[] Right { get; }

    /// <summary>Sum of its words' losses for each sentence.</summary>
    internal double[] Losses => _losses;

    internal EntityTally[] EntitiesOf(int row, bool strict) => (strict ? _strict : _lenient)[row];

    internal override bool SamePredictions(ScoredSet other)
        => other is TokenScores scores && MemoryMarshal.AsBytes<double>(_probabilities).SequenceEqual(MemoryMarshal.AsBytes<double>(scores._probabilities));

    internal override bool SameTruth(ScoredSet other)
        => other is TokenScores scores && scores.Tags.SequenceEqual(Tags, StringComparer.Ordinal) && scores._starts.AsSpan().SequenceEqual(_starts) && scores.Labels.AsSpan().SequenceEqual(Labels);

    internal override int ChangedRows(ScoredSet other, bool labelsOnly)
    {
        var scores = (TokenScores)other;
        var changed = 0;
        for (var row = 0; row < Rows; row++)
        {
            var (start, words, width) = (_starts[row], WordsOf(row), Tags.Count);
            var same = labelsOnly
                ? Predictions.AsSpan(start, words).SequenceEqual(scores.Predictions.AsSpan(start, words))
                : _probabilities.AsSpan(start * width, words * width).SequenceEqual(scores._probabilities.AsSpan(start * width, words * width));
            if (!same) changed++;
        }
        return changed;
    }

    // Clipped, then renormalised over the word, like a class's.
    private double LossOf(int word)
    {
        double sum = 0, own = 0;
        for (var k = 0; k < Tags.Count; k++)
        {
            var p = Math.Clamp(_probabilities[(long)word * Tags.Count + k], ClassificationScores.Epsilon, 1 - ClassificationScores.Epsilon);
            sum += p;
            if (k == Labels[word]) own = p;
        }
        return -Math.Log(own / sum);
    }

    private EntityTally[] Tally(int row, bool strict)
    {
        if (!IsIob) return [];
        var (start, words) = (_starts[row], WordsOf(row));
        var actual = Entities.Of(Labels.AsSpan(start, words), strict);
        var predicted = Entities.Of(Predictions.AsSpan(start, words), strict);
        if (actual.Count == 0 && predicted.Count == 0) return [];
        var right = predicted.Intersect(actual).ToList();
        return [.. actual.Concat(predicted).Select(e => e.Type).Distinct().Select(type
            => new EntityTally(type, right.Count(e => e.Type == type), actual.Count(e => e.Type == type), predicted.Count(e => e.Type == type)))];
    }

    private static int Best(ReadOnlySpan<double> probabilities)
    {
        var best = 0;
        for (var k = 1; k < probabilities.Length; k++)
        {
            if (probabilities[k] > probabilities[best]) best = k;
        }
        return best;
    }
}

/// <summary>Entities of one type in one sentence.</summary>
internal readonly record struct EntityTally(int Type, int Right, int Actual, int Predicted);
