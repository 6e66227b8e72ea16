using System.Runtime.CompilerServices;

namespace Attune.Metrics;

/// <summary>A scored set seen through row counts: all rows once, or a bootstrap resample. Reused between resamples; not thread-safe.</summary>
public abstract class Sample
{
    private protected Sample(ScoredSet scores)
    {
        Counts = new int[scores.Rows];
        Array.Fill(Counts, 1);
        Rows = scores.Rows;
    }

    /// <summary>Sum of the counts.</summary>
    public long Rows { get; private set; }

    /// <summary>How often each row counts, [R].</summary>
    protected int[] Counts { get; private set; }

    /// <summary>Looks at the rows through other counts, which are not copied and must not change while the sample is used.</summary>
    /// <exception cref="ArgumentException">The number of counts is not the number of rows, or one is negative.</exception>
    public void Take(int[] counts)
    {
        if (counts.Length != Counts.Length) throw new ArgumentException($"{counts.Length} counts for {Counts.Length} rows.", nameof(counts));
        long rows = 0;
        foreach (var count in counts)
        {
            if (count < 0) throw new ArgumentException($"Count {count} is negative.", nameof(counts));
            rows += count;
        }
        Take(counts, rows);
    }

    /// <summary>Looks at the rows through counts that are known to be right and to sum to <paramref name="rows"/>.</summary>
    internal void Take(int[] counts, long rows)
    {
        (Counts, Rows) = (counts, rows);
        Forget();
    }

    private protected abstract void Forget();

    /// <summary>Σ counts[i] · values[i], in four sums so that additions overlap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]   // hot within the first milliseconds of a run, before the runtime would optimise it
    internal static double Sum(int[] counts, double[] values)
    {
        double a = 0, b = 0, c = 0, d = 0;
        var i = 0;
        for (; i + 3 < values.Length && i + 3 < counts.Length; i += 4)
        {
            a += counts[i] * values[i];
            b += counts[i + 1] * values[i + 1];
            c += counts[i + 2] * values[i + 2];
            d += counts[i + 3] * values[i + 3];
        }
        for (; i < values.Length; i++) a += counts[i] * values[i];
        return a + b + (c + d);
    }
}
