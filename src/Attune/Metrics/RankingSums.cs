using System.Runtime.CompilerServices;

namespace Attune.Metrics;

/// <summary>What one pass over a ranking gives.</summary>
/// <param name="Positives">Counted rows of the class.</param>
/// <param name="Negatives">Counted rows of the rest.</param>
/// <param name="Pairs">Pairs in the right order, ties half.</param>
/// <param name="Precision">Sum of the precision at every positive row.</param>
internal readonly record struct RankingSums(long Positives, long Negatives, double Pairs, double Precision)
{
    /// <summary>One pass from the highest score down; equal scores step together. No branch depends on a count, so nothing is mispredicted.</summary>
    /// <param name="ranking">Rows by falling score, each packed as row·4 + 2·(last of equal scores) + (is positive). Fewer than 2²⁹ rows.</param>
    /// <param name="counts">How often each row counts.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static RankingSums Over(int[] ranking, int[] counts)
    {
        long above = 0, below = 0, positives = 0, negatives = 0, doubledArea = 0;
        double precision = 0;
        foreach (var entry in ranking)
        {
            var count = counts[entry >> 2];
            var positive = count & -(entry & 1);
            positives += positive;
            negatives += count - positive;
            if ((entry & 2) == 0) continue;
            doubledArea += negatives * (2 * above + positives);
            above += positives;
            below += negatives;
            precision += positives * (above / Math.Max(1.0, above + below));
            positives = negatives = 0;
        }
        return new RankingSums(above, below, doubledArea / 2.0, precision);
    }
}
