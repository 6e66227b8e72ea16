using Attune.Encoding;

namespace Attune.Engines.Torch;

/// <summary>Divides rows into passes that fit: rows of tokens by like lengths, others in order. A pure function of rows and limits, so that a resumed run computes the same bits.</summary>
internal static class PassGroups
{
    /// <summary>Passes over some rows as places in <paramref name="rows"/>.</summary>
    /// <param name="set">The rows' set.</param>
    /// <param name="rows">Row indices.</param>
    /// <param name="view">The view.</param>
    /// <param name="most">Rows of a pass at most.</param>
    /// <param name="rowsPerPass">Rows that a pass over rows like the given ones should have.</param>
    public static IReadOnlyList<int[]> Of(EncodedSet set, ReadOnlySpan<int> rows, int view, int most, RowsPerPass rowsPerPass)
    {
        if (rows.Length == 0) return [];
        if (set.Inputs.OfType<TokenInput>().FirstOrDefault() is not { Source: var source })
            return [.. Enumerable.Range(0, rows.Length).Chunk(Math.Min(most, rowsPerPass(rows[..Math.Min(rows.Length, Math.Min(4, most))])))];
        var order = new int[rows.Length];
        var lengths = new int[rows.Length];
        for (var i = 0; i < order.Length; i++) (order[i], lengths[i]) = (i, source.LongestOf(rows[i], view));
        var keys = new long[rows.Length];
        for (var i = 0; i < keys.Length; i++) keys[i] = ((long)lengths[i] << 32) | (uint)i;   // ties in order
        Array.Sort(keys, order);
        int[] longest = [rows[order[^1]]];
        var tokens = (long)rowsPerPass(longest) * source.PaddedLength(longest, view);
        var passes = new List<int[]>();
        for (var at = 0; at < order.Length;)
        {
            var first = at++;
            while (at < order.Length && at - first < most && (at - first + 1L) * source.Padding.LengthFor(lengths[order[at]]) <= tokens) at++;
            passes.Add(order[first..at]);
        }
        return passes;
    }

    /// <summary>Rows that a pass should have, from a trial of a few.</summary>
    public delegate int RowsPerPass(ReadOnlySpan<int> trial);
}
