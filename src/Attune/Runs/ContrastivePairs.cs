using Attune.Encoding;
using Attune.Randomness;

namespace Attune.Runs;

/// <summary>
/// Pairs of texts for <c>setfit</c>: each text beside others of its own class (score 1) and beside texts of other classes (score 0), drawn with replacement, as the SetFit library's
/// <c>num_iterations</c> does. A text is never its own partner; where its class has no other text, it has no pair of score 1.
/// </summary>
internal static class ContrastivePairs
{
    /// <summary>Draws pairs of rows.</summary>
    /// <param name="labels">Class of each row [R].</param>
    /// <param name="each">Pairs of each kind for each row, ≥ 1.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <returns>First row, second row, and whether they are of one class; the kinds take turns.</returns>
    public static IReadOnlyList<(int First, int Second, bool IsSame)> Draw(ReadOnlySpan<int> labels, int each, ulong seed)
    {
        var stream = new Philox(seed, "contrastive pairs");
        var rows = labels.ToArray();
        var byClass = Enumerable.Range(0, rows.Length).GroupBy(row => rows[row]).ToDictionary(g => g.Key, g => g.ToArray());
        // All rows by class; those of one class lie together, so that the others are two stretches.
        int[] sorted = [.. byClass.OrderBy(g => g.Key).SelectMany(g => g.Value)];
        var firsts = new Dictionary<int, int>();
        for (var i = 0; i < sorted.Length; i++) firsts.TryAdd(rows[sorted[i]], i);
        var pairs = new List<(int, int, bool)>(checked(2 * each * rows.Length));
        var draw = 0UL;
        for (var row = 0; row < rows.Length; row++)
        {
            var (own, first) = (byClass[rows[row]], firsts[rows[row]]);
            var self = Array.BinarySearch(own, row);
            for (var i = 0; i < each; i++)
            {
                if (own.Length > 1)
                {
                    var other = (int)stream.Below(draw++, own.Length - 1);
                    pairs.Add((row, own[other < self ? other : other + 1], true));
                }
                if (own.Length < sorted.Length)
                {
                    var other = (int)stream.Below(draw++, sorted.Length - own.Length);
                    pairs.Add((row, sorted[other < first ? other : other + own.Length], false));
                }
            }
        }
        return pairs;
    }

    /// <summary>The pairs as rows of two texts each.</summary>
    /// <param name="texts">Rows of one text.</param>
    /// <param name="pairs">What <see cref="Draw"/> gave.</param>
    public static EncodedSet Of(EncodedSet texts, IReadOnlyList<(int First, int Second, bool IsSame)> pairs)
    {
        int[] sequences = [.. pairs.SelectMany(p => (int[])[p.First, p.Second])];
        var sources = new Dictionary<TokenSource, ChosenTokens>(ReferenceEqualityComparer.Instance);
        var inputs = new List<EncodedInput>();
        foreach (var input in texts.Inputs.Cast<TokenInput>())
        {
            if (!sources.TryGetValue(input.Source, out var chosen)) sources[input.Source] = chosen = new ChosenTokens(input.Source, sequences, 2);
            inputs.Add(new TokenInput(input.Name, input.Field, chosen));
        }
        return new EncodedSet(pairs.Count, inputs, Targets.Real([.. pairs.SelectMany(p => Enumerable.Repeat(p.IsSame ? 1f : 0f, 2))]), [.. Enumerable.Range(0, pairs.Count + 1).Select(row => 2 * row)]);
    }
}
