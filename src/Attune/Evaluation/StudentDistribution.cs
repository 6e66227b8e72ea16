namespace Attune.Evaluation;

/// <summary>Student's t distribution, by the regularised incomplete beta function.</summary>
internal static class StudentDistribution
{
    /// <summary>P(|T| ≥ |t|) with <paramref name="degrees"/> degrees of freedom; the normal distribution above 1e7.</summary>
    public static double TwoSided(double t, double degrees)
        => double.IsInfinity(t) ? 0 : degrees > 1e7 ? 2 * NormalDistribution.Cumulative(-Math.Abs(t)) : Math.Clamp(Beta(degrees / (degrees + t * t), degrees / 2, 0.5), 0, 1);

    /// <summary>The t with P(T ≤ t) = <paramref name="p"/>, p in (0.5, 1), by bisection.</summary>
    public static double Quantile(double p, double degrees)
    {
        double low = 0, high = 1;
        while (TwoSided(high, degrees) / 2 > 1 - p) high *= 2;
        for (var i = 0; i < 100 && high - low > 1e-14 * high; i++)
        {
            var middle = (low + high) / 2;
            if (TwoSided(middle, degrees) / 2 > 1 - p) low = middle;
            else high = middle;
        }
        return (low + high) / 2;
    }

    /// <summary>Regularised incomplete beta I_x(a, b), Lentz's continued fraction (Numerical Recipes 6.4).</summary>
    private static double Beta(double x, double a, double b)
    {
        if (x <= 0) return 0;
        if (x >= 1) return 1;
        var front = Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + a * Math.Log(x) + b * Math.Log(1 - x));
        return x < (a + 1) / (a + b + 2) ? front * Fraction(x, a, b) / a : 1 - front * Fraction(1 - x, b, a) / b;
    }

    private static double Fraction(double x, double a, double b)
    {
        const double tiny = 1e-300;
        double c = 1, d = 1 / NotZero(1 - (a + b) * x / (a + 1)), result = d;
        for (var m = 1; m < 1000; m++)
        {
            var even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 / NotZero(1 + even * d);
            c = NotZero(1 + even / c);
            result *= d * c;
            var odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 / NotZero(1 + odd * d);
            c = NotZero(1 + odd / c);
            var change = d * c;
            result *= change;
            if (Math.Abs(change - 1) < 1e-15) break;
        }
        return result;

        static double NotZero(double value) => Math.Abs(value) < tiny ? tiny : value;
    }

    /// <summary>log Γ(x), x > 0: Stirling's series after shifting x above 10.</summary>
    internal static double LogGamma(double x)
    {
        var shift = 0.0;
        for (; x < 10; x++) shift += Math.Log(x);
        var inverse = 1 / (x * x);
        var series = (1 / 12.0 - inverse * (1 / 360.0 - inverse * (1 / 1260.0 - inverse * (1 / 1680.0 - inverse / 1188)))) / x;
        return (x - 0.5) * Math.Log(x) - x + 0.5 * Math.Log(2 * Math.PI) + series - shift;
    }
}
