namespace Attune.Evaluation.Baselines;

/// <summary>Limited-memory BFGS (Nocedal 1980; Nocedal and Wright, Numerical Optimization, algorithm 7.4) with a backtracking Armijo line search.</summary>
internal static class Lbfgs
{
    private const int Memory = 10;

    /// <summary>Writes the gradient at a point and returns the value.</summary>
    public delegate double Objective(ReadOnlySpan<double> point, Span<double> gradient);

    /// <summary>Minimises in place and returns the value; stops when the largest gradient entry or the relative decrease falls below the tolerance.</summary>
    public static double Minimize(Objective objective, Span<double> point, int maxIterations = 200, double tolerance = 1e-6)
    {
        var n = point.Length;
        var steps = new Queue<(double[] S, double[] Y, double Rho)>();
        double[] gradient = new double[n], trial = new double[n], trialGradient = new double[n];
        var value = objective(point, gradient);
        for (var iteration = 0; iteration < maxIterations && Largest(gradient) > tolerance; iteration++)
        {
            var direction = Direction(gradient, [.. steps]);
            var slope = Dot(direction, gradient);
            if (slope >= 0)
            {
                steps.Clear();
                direction = [.. gradient.Select(g => -g)];
                slope = -Dot(gradient, gradient);
            }
            var length = steps.Count == 0 ? Math.Min(1, 1 / Math.Sqrt(Dot(gradient, gradient))) : 1;
            var next = double.NaN;
            for (var tries = 0; tries < 30; tries++, length /= 2)
            {
                for (var i = 0; i < n; i++) trial[i] = point[i] + length * direction[i];
                next = objective(trial, trialGradient);
                if (next <= value + 1e-4 * length * slope) break;
                next = double.NaN;
            }
            if (double.IsNaN(next)) break;   // no descent left within rounding
            Remember(steps, point, trial, gradient, trialGradient);
            trial.CopyTo(point);
            (gradient, trialGradient) = (trialGradient, gradient);
            var decrease = value - next;
            value = next;
            if (decrease < 1e-3 * tolerance * Math.Max(1, Math.Abs(value))) break;
        }
        return value;
    }

    private static void Remember(Queue<(double[] S, double[] Y, double Rho)> steps, ReadOnlySpan<double> point, double[] trial, double[] gradient, double[] trialGradient)
    {
        double[] s = new double[trial.Length], y = new double[trial.Length];
        for (var i = 0; i < s.Length; i++) (s[i], y[i]) = (trial[i] - point[i], trialGradient[i] - gradient[i]);
        var curvature = Dot(s, y);
        if (curvature <= 1e-12 * Dot(y, y)) return;   // keeps the approximation positive definite without a Wolfe search
        if (steps.Count == Memory) steps.Dequeue();
        steps.Enqueue((s, y, 1 / curvature));
    }

    private static double[] Direction(double[] gradient, (double[] S, double[] Y, double Rho)[] steps)
    {
        var q = gradient.Select(g => -g).ToArray();
        var alphas = new double[steps.Length];
        for (var k = steps.Length - 1; k >= 0; k--)
        {
            alphas[k] = steps[k].Rho * Dot(steps[k].S, q);
            AddScaled(q, -alphas[k], steps[k].Y);
        }
        if (steps.Length > 0)
        {
            var (s, y, _) = steps[^1];
            var scale = Dot(s, y) / Dot(y, y);
            for (var i = 0; i < q.Length; i++) q[i] *= scale;
        }
        for (var k = 0; k < steps.Length; k++) AddScaled(q, alphas[k] - steps[k].Rho * Dot(steps[k].Y, q), steps[k].S);
        return q;
    }

    private static void AddScaled(double[] x, double scale, double[] y)
    {
        for (var i = 0; i < x.Length; i++) x[i] += scale * y[i];
    }

    private static double Dot(double[] x, double[] y)
    {
        double sum = 0;
        for (var i = 0; i < x.Length; i++) sum += x[i] * y[i];
        return sum;
    }

    private static double Largest(double[] x)
    {
        double largest = 0;
        foreach (var value in x) largest = Math.Max(largest, Math.Abs(value));
        return largest;
    }
}
