namespace Attune.Encoding;

/// <summary>Quantiles by selection: linear time where sorting would cost most of fitting.</summary>
internal static class OrderStatistics
{
    /// <summary>
    /// The quantile at <paramref name="share"/> with linear interpolation between neighbours (NumPy's default); reorders <paramref name="values"/>, which hold no NaN.
    /// </summary>
    public static double Quantile(Span<double> values, double share)
    {
        var place = (values.Length - 1) * share;
        var low = (int)place;
        var lower = Select(values, low);
        if (place == low) return lower;
        var upper = Smallest(values[(low + 1)..]);
        return lower + (upper - lower) * (place - low);
    }

    /// <summary>The middle value, or the mean of the two middle ones; reorders.</summary>
    public static double Median(Span<double> values)
    {
        var middle = values.Length / 2;
        var upper = Select(values, middle);
        if (values.Length % 2 == 1) return upper;
        var lower = double.NegativeInfinity;
        foreach (var value in values[..middle]) lower = Math.Max(lower, value);
        return lower / 2 + upper / 2;
    }

    /// <summary>The value that occurs most often, the smallest of several; sorts.</summary>
    public static double MostFrequent(Span<double> values)
    {
        values.Sort();
        var (best, bestCount, start) = (values[0], 0, 0);
        for (var i = 1; i <= values.Length; i++)
        {
            if (i < values.Length && values[i] == values[start]) continue;
            if (i - start > bestCount) (best, bestCount) = (values[start], i - start);
            start = i;
        }
        return best;
    }

    // Hoare's selection with the median of three; sorts what is left when the pivots were poor.
    private static double Select(Span<double> values, int place)
    {
        var (low, high) = (0, values.Length - 1);
        for (var round = 0; low < high; round++)
        {
            if (round == 64 || high - low < 32)
            {
                values[low..(high + 1)].Sort();
                break;
            }
            var pivot = Middle(values[low], values[(low + high) >>> 1], values[high]);
            var (i, j) = (low, high);
            while (i <= j)
            {
                while (values[i] < pivot) i++;
                while (values[j] > pivot) j--;
                if (i > j) break;
                (values[i], values[j]) = (values[j], values[i]);
                i++;
                j--;
            }
            if (place <= j) high = j;
            else if (place >= i) low = i;
            else break;
        }
        return values[place];
    }

    private static double Middle(double a, double b, double c) => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));

    private static double Smallest(ReadOnlySpan<double> values)
    {
        var smallest = double.PositiveInfinity;
        foreach (var value in values) smallest = Math.Min(smallest, value);
        return smallest;
    }
}
