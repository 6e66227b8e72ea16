using System.Buffers;

namespace Attune.Metrics;

/// <summary>Where the right answers of each query stand in its ranking of all candidates. A row is a query; candidates are the same for all of them and are not resampled.</summary>
public sealed class RankingScores : ScoredSet
{
    private readonly int[][] _places;
    private readonly int[]? _texts;
    private double[]? _losses, _reciprocal, _precision;

    private RankingScores(int[][] places, int candidates, int[]? texts) : base(places.Length) => (_places, Candidates, _texts) = (places, candidates, texts);

    /// <inheritdoc/>
    public override MetricTasks Kind => MetricTasks.Ranking;

    /// <summary>Number of candidates C.</summary>
    public int Candidates { get; }

    /// <summary>Places of a row's right answers, rising, from 1 to C; none where it has no right answer.</summary>
    public IReadOnlyList<int> Places(int row) => _places[row];

    /// <inheritdoc/>
    public override Sample NewSample() => new RankingSample(this);

    /// <summary>1 − 1 / place of the first right answer.</summary>
    public override ReadOnlySpan<double> RowLosses => _losses ??= [.. ReciprocalRanks.Select(r => 1 - r)];

    internal double[] ReciprocalRanks => _reciprocal ??= EachRow(places => places.Length == 0 ? 0 : 1.0 / places[0]);

    internal double[] AveragePrecisions => _precision ??= EachRow(places => places.Length == 0 ? 0 : places.Select((place, i) => (i + 1.0) / place).Average());

    /// <summary>Share of a row's right answers among the first k.</summary>
    internal double[] Recalls(int k) => EachRow(places => places.Length == 0 ? 0 : (double)places.Count(p => p <= k) / places.Length);

    /// <summary>Share of right answers among the first k places.</summary>
    internal double[] Precisions(int k) => EachRow(places => (double)places.Count(p => p <= k) / k);

    /// <summary>Σ 1 / log₂(1 + place) over right answers among the first k, over the largest possible.</summary>
    internal double[] Gains(int k) => EachRow(places =>
    {
        double gain = 0, best = 0;
        foreach (var place in places) gain += place <= k ? 1 / Math.Log2(1 + place) : 0;
        for (var i = 1; i <= Math.Min(k, places.Length); i++) best += 1 / Math.Log2(1 + i);
        return best == 0 ? 0 : gain / best;
    });

    /// <summary>Scores from a table of candidates: equal scores, and those that are no number, count against the right answer.</summary>
    /// <param name="relevant">Whether a candidate is a right answer, [R, C] row-major.</param>
    /// <param name="scores">Scores of the candidates, [R, C].</param>
    /// <param name="candidates">C.</param>
    /// <exception cref="ArgumentException">The arrays do not fit.</exception>
    public static RankingScores Of(ReadOnlySpan<bool> relevant, ReadOnlySpan<float> scores, int candidates)
    {
        if (candidates < 1 || relevant.Length != scores.Length || scores.Length % candidates != 0) throw new ArgumentException($"{relevant.Length} flags and {scores.Length} scores are no rows of {candidates} candidates.", nameof(scores));
        var places = new int[scores.Length / candidates][];
        for (var row = 0; row < places.Length; row++)
        {
            var flags = relevant.Slice(row * candidates, candidates);
            var right = new List<int>();
            for (var c = 0; c < candidates; c++) if (flags[c]) right.Add(c);
            places[row] = PlacesOf(scores.Slice(row * candidates, candidates), [.. right]);
        }
        return new RankingScores(places, candidates, null);
    }

    /// <summary>Each anchor against all different positives by cosine. Right answers are the positives of every row with the same anchor.</summary>
    /// <param name="texts">Number of each text, [R, perRow]: equal texts have equal numbers. The first of a row is the anchor, the second its positive.</param>
    /// <param name="vectors">Vectors of the texts, [R, perRow, D].</param>
    /// <param name="width">D.</param>
    /// <param name="perRow">Texts of a row, at least 2.</param>
    /// <exception cref="ArgumentException">The arrays do not fit.</exception>
    public static RankingScores Of(int[] texts, ReadOnlySpan<float> vectors, int width, int perRow)
    {
        if (perRow < 2 || texts.Length % perRow != 0 || vectors.Length != (long)texts.Length * width) throw new ArgumentException($"{vectors.Length} numbers are no vectors of width {width} of {texts.Length} texts, {perRow} a row.", nameof(vectors));
        var units = Cosine.Normalized(vectors, width);
        var rows = texts.Length / perRow;
        var (candidateOf, firsts) = (new Dictionary<int, int>(), new List<int>());   // number of a text → candidate → its unit
        var answers = new Dictionary<int, SortedSet<int>>();
        for (var row = 0; row < rows; row++)
        {
            var positive = row * perRow + 1;
            if (candidateOf.TryAdd(texts[positive], firsts.Count)) firsts.Add(positive);
            if (!answers.TryGetValue(texts[row * perRow], out var own)) answers[texts[row * perRow]] = own = [];
            own.Add(candidateOf[texts[positive]]);
        }
        int[] corpus = [.. firsts];
        var places = new int[rows][];
        Parallel.For(0, rows, row =>
        {
            var rented = ArrayPool<float>.Shared.Rent(corpus.Length);
            var anchor = units.AsSpan(row * perRow * width, width);
            for (var c = 0; c < corpus.Length; c++) rented[c] = Cosine.Dot(anchor, units.AsSpan(corpus[c] * width, width));
            places[row] = PlacesOf(rented.AsSpan(0, corpus.Length), [.. answers[texts[row * perRow]]]);
            ArrayPool<float>.Shared.Return(rented);
        });
        return new RankingScores(places, corpus.Length, texts);
    }

    internal override bool SamePredictions(ScoredSet other) => other is RankingScores scores && Rows == scores.Rows && ChangedRows(scores, false) == 0;

    internal override bool SameTruth(ScoredSet other)
        => other is RankingScores scores && Candidates == scores.Candidates && (_texts is null ? scores._texts is null : scores._texts is { } texts && _texts.AsSpan().SequenceEqual(texts));

    internal override int ChangedRows(ScoredSet other, bool labelsOnly)
    {
        var scores = (RankingScores)other;
        return Enumerable.Range(0, Rows).Count(row => !_places[row].AsSpan().SequenceEqual(scores._places[row]));
    }

    // Every wrong answer that is not surely below stands before a right one.
    private static int[] PlacesOf(ReadOnlySpan<float> scores, int[] right)
    {
        var places = new int[right.Length];
        for (var i = 0; i < right.Length; i++)
        {
            var own = scores[right[i]];
            var before = 0;
            foreach (var score in scores) before += score < own ? 0 : 1;
            foreach (var other in right) before -= scores[other] < own ? 0 : 1;
            places[i] = before;   // wrong answers before it
        }
        Array.Sort(places);
        for (var i = 0; i < places.Length; i++) places[i] += i + 1;
        return places;
    }

    private double[] EachRow(Func<int[], double> value) => Array.ConvertAll(_places, p => value(p));
}
