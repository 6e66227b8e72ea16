namespace Attune.Graphs.Rewrites;

/// <summary>
/// Nodes seen as a function of one real number: what a value becomes when another value is a given number. Lets a rewrite recognise GELU and its
/// like in every order of multiplications in which exporters write them.
/// </summary>
internal static class ScalarFunction
{
    private const int MaxDepth = 12;

    /// <summary>Values that one evaluation may visit: GELU needs 20; shared values of a hostile graph would double with every level.</summary>
    private const int MaxVisits = 100;

    /// <summary>Places at which two functions are compared.</summary>
    private static readonly double[] _places = [-5.5, -3.1, -1.3, -0.4, 0.3, 0.9, 2.2, 4.7];

    /// <summary>True when <paramref name="value"/>, as a function of <paramref name="x"/>, is <paramref name="function"/> (2e-6, the accuracy of rounded constants).</summary>
    public static bool Is(GraphEdit edit, string value, string x, Func<double, double> function)
    {
        foreach (var place in _places)
        {
            var (expected, visits) = (function(place), MaxVisits);
            if (Evaluate(edit, value, x, place, 0, ref visits) is not { } actual || !(Math.Abs(actual - expected) <= 2e-6 * Math.Max(1, Math.Abs(expected)))) return false;
        }
        return true;
    }

    /// <summary>Values below <paramref name="value"/> that it may be a function of: those an element-wise chain reaches, nearest first.</summary>
    public static List<string> Arguments(GraphEdit edit, string value)
    {
        var found = new List<string>();
        var open = new Queue<(string Name, int Depth)>([(value, 0)]);
        while (open.TryDequeue(out var next) && found.Count < 32)
        {
            if (edit.Constant(next.Name) is not null || found.Contains(next.Name)) continue;
            if (next.Name != value) found.Add(next.Name);
            if (next.Depth < MaxDepth && edit.Writer(next.Name) is { Domain.Length: 0 } node && IsKnown(node.Operator))
            {
                foreach (var input in node.Inputs.Where(i => i.Length > 0)) open.Enqueue((input, next.Depth + 1));
            }
        }
        return found;
    }

    /// <summary>The error function, to 1e-15 relative (series below 3, continued fraction above).</summary>
    public static double Erf(double x)
    {
        if (x < 0) return -Erf(-x);
        if (x < 3)
        {
            double sum = x, term = x;
            for (var n = 1; n < 100; n++)
            {
                term *= -x * x / n;
                sum += term / (2 * n + 1);
            }
            return sum * 2 / Math.Sqrt(Math.PI);
        }
        double tail = 0;
        for (var k = 60; k > 0; k--) tail = k / 2.0 / (x + tail);
        return 1 - Math.Exp(-x * x) / Math.Sqrt(Math.PI) / (x + tail);
    }

    private static bool IsKnown(string op) => op is "Add" or "Sub" or "Mul" or "Div" or "Pow" or "Neg" or "Erf" or "Tanh" or "Sigmoid" or "Clip" or "Sqrt" or "Reciprocal" or "Relu" or "Min" or "Max" or "HardSigmoid" or "Identity";

    private static double? Evaluate(GraphEdit edit, string? value, string x, double at, int depth, ref int visits)
    {
        if (value == x) return at;
        if (edit.Scalar(value) is { } constant) return constant;
        if (depth > MaxDepth || --visits < 0 || edit.Writer(value) is not { Domain.Length: 0 } node || !IsKnown(node.Operator) || node.Inputs.Count > 3) return null;
        if (node.Operator is "Min" or "Max" && node.Inputs.Count != 2) return null;
        Span<double> v = stackalloc double[3];
        v[1] = double.NegativeInfinity;
        v[2] = double.PositiveInfinity;
        for (var i = 0; i < node.Inputs.Count; i++)
        {
            if (node.Input(i) is not { } input) continue;
            if (Evaluate(edit, input, x, at, depth + 1, ref visits) is not { } number) return null;
            v[i] = number;
        }
        return node.Operator switch
        {
            "Add" => v[0] + v[1],
            "Sub" => v[0] - v[1],
            "Mul" => v[0] * v[1],
            "Div" => v[0] / v[1],
            "Pow" => Math.Pow(v[0], v[1]),
            "Neg" => -v[0],
            "Erf" => Erf(v[0]),
            "Tanh" => Math.Tanh(v[0]),
            "Sigmoid" => 1 / (1 + Math.Exp(-v[0])),
            "Clip" => Math.Min(Math.Max(v[0], v[1]), v[2]),
            "Sqrt" => Math.Sqrt(v[0]),
            "Reciprocal" => 1 / v[0],
            "Relu" => Math.Max(v[0], 0),
            "Min" => Math.Min(v[0], v[1]),
            "Max" => Math.Max(v[0], v[1]),
            "HardSigmoid" => Math.Clamp(node.Attributes.Float("alpha", 0.2f) * v[0] + node.Attributes.Float("beta", 0.5f), 0, 1),
            _ => v[0],
        };
    }
}
