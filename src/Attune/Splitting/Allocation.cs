using Attune.Randomness;

namespace Attune.Splitting;

/// <summary>How many rows of each stratum go to a part.</summary>
internal static class Allocation
{
    /// <summary>Rows of a share: ⌈share · total⌉, exact shares not rounded up by floating point.</summary>
    public static int Ceiling(double share, int total) => (int)Math.Ceiling(share * total - 1e-9);

    /// <summary>
    /// Divides <paramref name="size"/> in proportion to <paramref name="counts"/>: the whole parts first, the rest to the largest remainders;
    /// only ties are drawn.
    /// </summary>
    public static int[] LargestRemainder(ReadOnlySpan<int> counts, int size, Philox draw)
    {
        long total = 0;
        foreach (var count in counts) total += count;
        var parts = new int[counts.Length];
        if (total == 0) return parts;
        var remainders = new long[counts.Length];
        var left = size;
        for (var i = 0; i < parts.Length; i++)
        {
            var product = counts[i] * (long)size;
            parts[i] = (int)(product / total);
            remainders[i] = product % total;
            left -= parts[i];
        }
        var order = Enumerable.Range(0, parts.Length).ToArray();
        draw.Shuffle(order);
        foreach (var i in order.OrderByDescending(i => remainders[i]).Take(left)) parts[i]++;   // a stable sort: ties stay shuffled
        return parts;
    }
}
