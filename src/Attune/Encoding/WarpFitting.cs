using Attune.Numerics;

namespace Attune.Encoding;

/// <summary>Fits the functions that a column's numbers go through before they are scaled.</summary>
internal static class WarpFitting
{
    /// <summary>The fitted function; null for scalings without one.</summary>
    /// <param name="values">Training values that are there, at least one, all positive for Box-Cox; sorted by a quantile transform.</param>
    /// <param name="options">The scaling and its settings.</param>
    public static NumericWarp? Fit(double[] values, EncodingOptions options) => options.Numeric switch
    {
        NumericScaling.YeoJohnson => new PowerWarp(false, YeoJohnson(values)),
        NumericScaling.BoxCox => BoxCox(values),
        NumericScaling.Quantile or NumericScaling.QuantileNormal => new QuantileWarp(Quantiles(values, Math.Min(options.Quantiles, values.Length)), options.Numeric == NumericScaling.QuantileNormal),
        _ => null,
    };

    /// <summary>Values at equally spaced shares, by linear interpolation between neighbours; sorts.</summary>
    /// <param name="values">Training values, at least one.</param>
    /// <param name="count">Number of quantiles, the smallest and largest value among them.</param>
    /// <param name="ofHundred">Whether steps are rounded as parts of 100 (NumPy's percentiles) or of 1: the last bit decides whether a quantile is a value or just below it.</param>
    public static double[] Quantiles(double[] values, int count, bool ofHundred = false)
    {
        Array.Sort(values);
        var quantiles = new double[count];
        for (var i = 0; i < count; i++)
        {
            var percent = ofHundred ? i * (100 / (count - 1.0)) : i * (1 / (count - 1.0)) * 100;
            var place = count == 1 ? 0 : i == count - 1 ? values.Length - 1 : percent / 100 * (values.Length - 1);
            var low = Math.Min((int)place, values.Length - 1);
            var (below, above, share) = (values[low], values[Math.Min(low + 1, values.Length - 1)], place - low);
            // From the nearer side, as NumPy, so that equal neighbours give themselves.
            quantiles[i] = share >= 0.5 ? above - (above - below) * (1 - share) : below + (above - below) * share;
            if (i > 0) quantiles[i] = Math.Max(quantiles[i], quantiles[i - 1]);
        }
        return quantiles;
    }

    // The exponent that makes the values most likely under a normal distribution; 1 for a constant column.
    private static double YeoJohnson(double[] values)
    {
        if (IsConstant(values)) return 1;
        var (logs, changed) = (Logs(values, false), new double[values.Length]);
        return Finite(Brent.Minimum(lambda => Loss(values, new PowerWarp(false, lambda), logs, changed), -2, 2));
    }

    private static PowerWarp BoxCox(double[] values)
    {
        var least = values.Min();
        if (IsConstant(values)) return new PowerWarp(true, 1, least);
        var (logs, changed) = (Logs(values, true), new double[values.Length]);
        return new PowerWarp(true, Finite(Brent.Minimum(lambda => Loss(values, new PowerWarp(true, lambda, least), logs, changed), -2, 2)), least);
    }

    /// <summary>-log of the likelihood of values under a normal distribution behind a power transform, without its constants; infinite where the outputs do not vary.</summary>
    internal static double NegativeLogLikelihood(double[] values, PowerWarp warp) => Loss(values, warp, Logs(values, warp.IsBoxCox), new double[values.Length]);

    // Σ of the logarithms that the transform's derivative holds.
    private static double Logs(double[] values, bool isBoxCox) => PairwiseSum(isBoxCox ? Array.ConvertAll(values, Math.Log) : Array.ConvertAll(values, v => Math.Sign(v) * double.LogP1(Math.Abs(v))));

    // -log L = n/2 · log var(y) - (λ - 1) · Σ log-derivative
    private static double Loss(double[] values, PowerWarp warp, double logs, double[] changed)
    {
        for (var i = 0; i < values.Length; i++) changed[i] = warp.Apply(values[i]);
        var mean = PairwiseSum(changed) / values.Length;
        for (var i = 0; i < values.Length; i++) changed[i] = (changed[i] - mean) * (changed[i] - mean);
        var variance = PairwiseSum(changed) / values.Length;
        if (!(variance >= 2.2250738585072014e-308) || double.IsInfinity(variance)) return double.PositiveInfinity;
        return values.Length / 2.0 * Math.Log(variance) - (warp.Lambda - 1) * logs;
    }

    // Halves down to 128 numbers, eight sums there: rounding grows with log n, and the likelihood is so flat at its top that it would decide where the top lies.
    private static double PairwiseSum(ReadOnlySpan<double> values)
    {
        if (values.Length > 128)
        {
            var half = values.Length / 2 / 8 * 8;
            return PairwiseSum(values[..half]) + PairwiseSum(values[half..]);
        }
        Span<double> sums = stackalloc double[8];
        sums.Clear();
        var whole = values.Length / 8 * 8;
        for (var i = 0; i < whole; i++) sums[i % 8] += values[i];
        var sum = sums[0] + sums[1] + (sums[2] + sums[3]) + (sums[4] + sums[5] + (sums[6] + sums[7]));
        foreach (var value in values[whole..]) sum += value;
        return sum;
    }

    private static bool IsConstant(double[] values) => Array.TrueForAll(values, v => v == values[0]);

    private static double Finite(double lambda) => double.IsFinite(lambda) ? lambda : 1;
}
