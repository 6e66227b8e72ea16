using Attune.Randomness;

namespace Attune.Splitting;

/// <summary>
/// Rows in k parts, each of which is tested once by a model of the others. Equals scikit-learn's KFold, StratifiedKFold and GroupKFold where nothing is shuffled; shuffled parts follow from seed and repetition alone.
/// </summary>
public static class Folds
{
    /// <summary>Test rows of each fold, ascending: as equal as possible, the first ones longer.</summary>
    /// <param name="rows">Number of rows R.</param>
    /// <param name="folds">k in [2, R].</param>
    /// <param name="order">Shuffles rows; null takes them as they come.</param>
    /// <exception cref="OptionsException">Fewer than two folds, or more than rows.</exception>
    public static IReadOnlyList<int[]> Plain(int rows, int folds, Philox? order = null)
    {
        Demand(rows, folds, "rows");
        int[] all = [.. Enumerable.Range(0, rows)];
        order?.Shuffle(all);
        var (parts, at) = (new int[folds][], 0);
        for (var k = 0; k < folds; k++)
        {
            var size = rows / folds + (k < rows % folds ? 1 : 0);
            parts[k] = [.. all[at..(at + size)].Order()];
            at += size;
        }
        return parts;
    }

    /// <summary>The same, each class in its share: rows sorted by class are dealt one after the other, which says how many of each class a fold gets.</summary>
    /// <param name="classes">Class of each row [R], ≥ 0.</param>
    /// <param name="folds">k in [2, R].</param>
    /// <param name="order">Shuffles the rows of each class; null takes them as they come.</param>
    /// <exception cref="OptionsException">Fewer than two folds, or more than the largest class has rows.</exception>
    public static IReadOnlyList<int[]> Stratified(IReadOnlyList<int> classes, int folds, Philox? order = null)
    {
        var first = new Dictionary<int, int>();   // numbers by first appearance
        int[] of = [.. classes.Select(c => first.TryGetValue(c, out var n) ? n : first[c] = first.Count)];
        var counts = new int[first.Count];
        foreach (var c in of) counts[c]++;
        Demand(counts.Length == 0 ? 0 : counts.Max(), folds, "rows of the largest class");
        var share = new int[folds, counts.Length];
        for (int c = 0, dealt = 0; c < counts.Length; c++)
        {
            for (var i = 0; i < counts[c]; i++) share[dealt++ % folds, c]++;
        }
        var parts = Enumerable.Range(0, folds).Select(_ => new List<int>()).ToArray();
        for (var c = 0; c < counts.Length; c++)
        {
            int[] rows = [.. Enumerable.Range(0, of.Length).Where(row => of[row] == c)];
            int[] fold = [.. Enumerable.Range(0, folds).SelectMany(k => Enumerable.Repeat(k, share[k, c]))];
            order?.Shuffle(fold);
            for (var i = 0; i < rows.Length; i++) parts[fold[i]].Add(rows[i]);
        }
        return [.. parts.Select(p => p.Order().ToArray())];
    }

    /// <summary>The same, rows of a group together: groups by falling size to the fold with the fewest rows (of equal groups the last one first, of equal folds the first).</summary>
    /// <param name="groups">Group of each row [R].</param>
    /// <param name="folds">k in [2, groups].</param>
    /// <exception cref="OptionsException">Fewer than two folds, or more than groups.</exception>
    public static IReadOnlyList<int[]> Grouped(IReadOnlyList<int> groups, int folds)
    {
        var rows = groups.Select((group, row) => (group, row)).GroupBy(r => r.group, r => r.row).OrderBy(g => g.Key).Select(g => g.ToArray()).ToList();
        Demand(rows.Count, folds, "groups");
        var parts = Enumerable.Range(0, folds).Select(_ => new List<int>()).ToArray();
        foreach (var group in rows.OrderBy(g => g.Length).Reverse()) parts.MinBy(p => p.Count)!.AddRange(group);
        return [.. parts.Select(p => p.Order().ToArray())];
    }

    /// <summary>Folds drawn several times: each repetition has an order of its own.</summary>
    /// <param name="repeats">Number of repetitions, ≥ 1.</param>
    /// <param name="seed">Seed of all.</param>
    /// <param name="draw">The folds of an order: <see cref="Plain"/> or <see cref="Stratified"/>.</param>
    public static IReadOnlyList<IReadOnlyList<int[]>> Repeated(int repeats, ulong seed, Func<Philox, IReadOnlyList<int[]>> draw)
        => repeats >= 1 ? [.. Enumerable.Range(0, repeats).Select(repeat => draw(new Philox(seed, "folds", repeat)))] : throw new OptionsException(FormattableString.Invariant($"Folds are drawn at least once; got {repeats}."));

    private static void Demand(int most, int folds, string of)
    {
        if (folds < 2) throw new OptionsException(FormattableString.Invariant($"At least 2 folds are needed; got {folds}."));
        if (folds > most) throw new OptionsException(FormattableString.Invariant($"{folds} folds are more than the {most} {of}. Take fewer folds."));
    }
}
