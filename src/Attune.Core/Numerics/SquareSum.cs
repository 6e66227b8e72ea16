using System.Numerics;

namespace Attune.Numerics;

/// <summary>Sums of squares, for norms of gradients.</summary>
internal static class SquareSum
{
    /// <summary>Σ x², in double.</summary>
    public static double Of(ReadOnlySpan<float> values)
    {
        var (a, b) = (Vector<double>.Zero, Vector<double>.Zero);
        var i = 0;
        for (; i + Vector<float>.Count <= values.Length; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(values[i..]), out var low, out var high);
            a += low * low;
            b += high * high;
        }
        var sum = Vector.Sum(a + b);
        for (; i < values.Length; i++) sum += (double)values[i] * values[i];
        return sum;
    }
}
