namespace Attune.Metrics;

/// <summary>Sentences with counts. Shared sums are computed once per resample, on first use.</summary>
public sealed class TokenSample : Sample
{
    private readonly long[]?[] _entities = new long[2][];   // by strictness: [types, 3] right, actual, predicted
    private long[]? _tags;                                   // [K, 3], the same of tags
    private long? _words;

    internal TokenSample(TokenScores scores) : base(scores) => Scores = scores;

    /// <summary>The sentences.</summary>
    public TokenScores Scores { get; }

    /// <summary>Counted words.</summary>
    public long Words
    {
        get
        {
            if (_words is { } known) return known;
            long words = 0;
            for (var row = 0; row < Counts.Length; row++) words += (long)Counts[row] * Scores.WordsOf(row);
            _words = words;
            return words;
        }
    }

    /// <summary>Figures of the entities of each type that occurs in the counted sentences, true or predicted; types by name.</summary>
    /// <param name="strict">Which entities are read: see <see cref="EntitySpans"/>.</param>
    public IReadOnlyList<(string Type, LabelCounts Counts)> Entities(bool strict = false)
    {
        var sums = _entities[strict ? 1 : 0] ??= CountEntities(strict);
        return [.. Enumerable.Range(0, sums.Length / 3).Where(t => sums[3 * t + 1] + sums[3 * t + 2] > 0).Select(t => (Scores.Entities.Types[t], Of(sums, t)))];
    }

    /// <summary>Figures of one tag over the counted words.</summary>
    public LabelCounts Tag(int k) => Of(_tags ??= CountTags(), k);

    /// <summary>All types together.</summary>
    internal LabelCounts AllEntities(bool strict)
    {
        var sums = _entities[strict ? 1 : 0] ??= CountEntities(strict);
        long right = 0, actual = 0, predicted = 0;
        for (var i = 0; i < sums.Length; i += 3) (right, actual, predicted) = (right + sums[i], actual + sums[i + 1], predicted + sums[i + 2]);
        return new(0, predicted - right, actual - right, right);
    }

    /// <summary>Mean over words of sums [R] over the words of a sentence.</summary>
    internal double MeanOverWords(double[] sums) => Sum(Counts, sums) / Words;

    private protected override void Forget()
    {
        Array.Clear(_entities);
        (_tags, _words) = (null, null);
    }

    private static LabelCounts Of(long[] sums, int at) => new(0, sums[3 * at + 2] - sums[3 * at], sums[3 * at + 1] - sums[3 * at], sums[3 * at]);

    private long[] CountEntities(bool strict)
    {
        var sums = new long[3 * Scores.Entities.Types.Count];
        for (var row = 0; row < Counts.Length; row++)
        {
            if (Counts[row] is not (> 0 and var count)) continue;
            foreach (var tally in Scores.EntitiesOf(row, strict))
            {
                sums[3 * tally.Type] += (long)count * tally.Right;
                sums[3 * tally.Type + 1] += (long)count * tally.Actual;
                sums[3 * tally.Type + 2] += (long)count * tally.Predicted;
            }
        }
        return sums;
    }

    private long[] CountTags()
    {
        var sums = new long[3 * Scores.Tags.Count];
        for (var row = 0; row < Counts.Length; row++)
        {
            if (Counts[row] is not (> 0 and var count)) continue;
            var start = Scores.StartOf(row);
            for (var word = start; word < start + Scores.WordsOf(row); word++)
            {
                var (truth, prediction) = (Scores.Labels[word], Scores.Predictions[word]);
                if (truth == prediction) sums[3 * truth] += count;
                sums[3 * truth + 1] += count;
                sums[3 * prediction + 2] += count;
            }
        }
        return sums;
    }
}
