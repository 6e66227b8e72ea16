namespace Attune.Evaluation;

/// <summary>The standard normal distribution.</summary>
internal static class NormalDistribution
{
    /// <summary>The 97.5 % point.</summary>
    public const double Quantile975 = 1.959963984540054;

    /// <summary>P(Z ≤ x), from the incomplete beta function's limit: erfc by continued fraction, about 1e-15.</summary>
    public static double Cumulative(double x)
    {
        if (double.IsNaN(x)) return double.NaN;
        var tail = UpperTail(Math.Abs(x));
        return x > 0 ? 1 - tail : tail;
    }

    private static double UpperTail(double x)
    {
        if (x > 38) return 0;
        var density = Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
        if (x < 3)
        {
            double sum = x, term = x;   // Φ(x) - 1/2 = φ(x)·(x + x³/3 + x⁵/15 + …)
            for (var n = 1; Math.Abs(term) > 1e-18 * sum && n < 200; n++) sum += term *= x * x / (2 * n + 1);
            return 0.5 - density * sum;
        }
        var fraction = 0.0;
        for (var n = 100; n > 0; n--) fraction = n / (x + fraction);
        return density / (x + fraction);
    }
}
