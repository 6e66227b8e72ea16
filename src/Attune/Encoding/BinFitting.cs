namespace Attune.Encoding;

/// <summary>Fits the edges of bins to training values.</summary>
internal static class BinFitting
{
    private const double Narrowest = 1e-8;   // scikit-learn drops narrower bins of quantiles
    private const int MostRounds = 300;

    /// <summary>Edges of the bins; fewer than asked for where values repeat. A constant column has one bin.</summary>
    /// <param name="values">Training values that are there; sorted.</param>
    /// <param name="bins">Bins asked for, ≥ 2.</param>
    /// <param name="rule">How edges are placed.</param>
    public static double[] Edges(double[] values, int bins, BinEdges rule)
    {
        if (values.Length == 0) return [0, 1];
        Array.Sort(values);
        var (min, max) = (values[0], values[^1]);
        if (min == max) return [min, Math.BitIncrement(max)];
        return rule switch
        {
            BinEdges.Uniform => Distinct([.. Enumerable.Range(0, bins + 1).Select(i => i == bins ? max : min + i * ((max - min) / bins))], 0),
            BinEdges.Quantile => Distinct(WarpFitting.Quantiles(values, bins + 1, ofHundred: true), Narrowest),
            _ => Distinct(Clusters(values, bins), 0),
        };
    }

    private static double[] Distinct(double[] edges, double narrowest)
    {
        var kept = new List<double> { edges[0] };
        foreach (var edge in edges.Skip(1))
        {
            if (edge - kept[^1] > narrowest) kept.Add(edge);
        }
        return kept.Count > 1 ? [.. kept] : [edges[0], Math.BitIncrement(edges[0])];
    }

    // Lloyd's k-means over sorted values, from the middles of uniform bins; edges lie half-way between centres.
    private static double[] Clusters(double[] values, int bins)
    {
        var (min, max) = (values[0], values[^1]);
        var centres = Enumerable.Range(0, bins).Select(i => min + (i + 0.5) * ((max - min) / bins)).ToArray();
        var sums = new double[values.Length + 1];
        for (var i = 0; i < values.Length; i++) sums[i + 1] = sums[i] + values[i];
        var starts = new int[bins + 1];
        for (var round = 0; round < MostRounds; round++)
        {
            var changed = false;
            for (var k = 1; k <= bins; k++)
            {
                var start = k == bins ? values.Length : Above(values, (centres[k - 1] + centres[k]) / 2);
                changed |= start != starts[k];
                starts[k] = start;
            }
            if (!changed && round > 0) break;
            for (var k = 0; k < bins; k++)
            {
                if (starts[k + 1] > starts[k]) centres[k] = (sums[starts[k + 1]] - sums[starts[k]]) / (starts[k + 1] - starts[k]);
            }
            Array.Sort(centres);
        }
        return [min, .. centres.Zip(centres.Skip(1), (a, b) => (a + b) / 2), max];
    }

    // Number of values up to a limit.
    private static int Above(double[] values, double limit)
    {
        var (low, high) = (0, values.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (values[middle] <= limit) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
