namespace Attune.Losses;

/// <summary>Softmax of one row in double.</summary>
internal static class Softmax
{
    /// <summary>log softmax(logits / temperature); NaN where a logit is NaN.</summary>
    public static void Log(ReadOnlySpan<float> logits, double temperature, Span<double> result)
    {
        var max = double.NegativeInfinity;
        for (var k = 0; k < logits.Length; k++) max = Math.Max(max, result[k] = logits[k] / temperature);
        double total = 0;
        for (var k = 0; k < logits.Length; k++) total += Math.Exp(result[k] - max);
        var log = max + Math.Log(total);
        for (var k = 0; k < logits.Length; k++) result[k] -= log;
    }

    /// <summary>log σ(x), finite at any x.</summary>
    public static double LogSigmoid(double x) => Math.Min(x, 0) - Math.Log(1 + Math.Exp(-Math.Abs(x)));

    /// <summary>σ(x).</summary>
    public static double Sigmoid(double x) => x >= 0 ? 1 / (1 + Math.Exp(-x)) : Math.Exp(x) / (1 + Math.Exp(x));
}
