namespace Attune.Numerics;

/// <summary>Minimum of a function of one number without derivatives (Brent 1973, chapter 5), after bracketing by golden steps; the constants are SciPy's.</summary>
internal static class Brent
{
    private const double Golden = 1.618034, SmallGolden = 0.3819660, Tiny = 1e-21, GrowLimit = 110;

    /// <summary>The place of a local minimum, from two starting points.</summary>
    /// <param name="function">The function.</param>
    /// <param name="a">A starting point.</param>
    /// <param name="b">Another one.</param>
    /// <param name="tolerance">Relative tolerance of the place.</param>
    public static double Minimum(Func<double, double> function, double a, double b, double tolerance = 1.48e-8)
    {
        var (low, middle, high) = Bracket(function, a, b);
        const double floor = 1e-11;
        double x = middle, w = middle, v = middle;
        var fx = function(x);
        double fw = fx, fv = fx;
        (a, b) = low < high ? (low, high) : (high, low);
        double delta = 0, step = 0;
        for (var round = 0; round < 500; round++)
        {
            var near = tolerance * Math.Abs(x) + floor;
            var twice = 2 * near;
            var centre = 0.5 * (a + b);
            if (Math.Abs(x - centre) < twice - 0.5 * (b - a)) break;
            if (Math.Abs(delta) <= near)
            {
                delta = x >= centre ? a - x : b - x;
                step = SmallGolden * delta;
            }
            else
            {
                // A parabola through x, w and v.
                var t1 = (x - w) * (fx - fv);
                var t2 = (x - v) * (fx - fw);
                var p = (x - v) * t2 - (x - w) * t1;
                t2 = 2 * (t2 - t1);
                if (t2 > 0) p = -p;
                t2 = Math.Abs(t2);
                var before = delta;
                delta = step;
                if (p > t2 * (a - x) && p < t2 * (b - x) && Math.Abs(p) < Math.Abs(0.5 * t2 * before))
                {
                    step = p / t2;
                    var at = x + step;
                    if (at - a < twice || b - at < twice) step = centre - x >= 0 ? near : -near;
                }
                else
                {
                    delta = x >= centre ? a - x : b - x;
                    step = SmallGolden * delta;
                }
            }
            var u = Math.Abs(step) < near ? x + (step >= 0 ? near : -near) : x + step;
            var fu = function(u);
            if (fu > fx)
            {
                if (u < x) a = u;
                else b = u;
                if (fu <= fw || w == x) (v, fv, w, fw) = (w, fw, u, fu);
                else if (fu <= fv || v == x || v == w) (v, fv) = (u, fu);
            }
            else
            {
                if (u >= x) a = x;
                else b = x;
                (v, fv, w, fw, x, fx) = (w, fw, x, fx, u, fu);
            }
        }
        return x;
    }

    private static (double, double, double) Bracket(Func<double, double> function, double a, double b)
    {
        var (fa, fb) = (function(a), function(b));
        if (fa < fb) (a, fa, b, fb) = (b, fb, a, fa);
        var c = b + Golden * (b - a);
        var fc = function(c);
        for (var round = 0; fc < fb && round < 1000; round++)
        {
            var t1 = (b - a) * (fb - fc);
            var t2 = (b - c) * (fb - fa);
            var difference = t2 - t1;
            var denominator = Math.Abs(difference) < Tiny ? 2 * Tiny : 2 * difference;
            var w = b - ((b - c) * t2 - (b - a) * t1) / denominator;
            var limit = b + GrowLimit * (c - b);
            double fw;
            if ((w - c) * (b - w) > 0)
            {
                fw = function(w);
                if (fw < fc) return (b, w, c);
                if (fw > fb) return (a, b, w);
                w = c + Golden * (c - b);
                fw = function(w);
            }
            else if ((w - limit) * (limit - c) >= 0)
            {
                w = limit;
                fw = function(w);
            }
            else if ((w - limit) * (c - w) > 0)
            {
                fw = function(w);
                if (fw < fc)
                {
                    (b, c, w) = (c, w, c + Golden * (c - b));   // w from the old c and b, as SciPy takes it
                    (fb, fc, fw) = (fc, fw, function(w));
                }
            }
            else
            {
                w = c + Golden * (c - b);
                fw = function(w);
            }
            (a, b, c) = (b, c, w);
            (fa, fb, fc) = (fb, fc, fw);
        }
        return (a, b, c);
    }
}
