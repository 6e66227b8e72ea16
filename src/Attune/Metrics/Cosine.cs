using System.Numerics;
using System.Runtime.InteropServices;

namespace Attune.Metrics;

/// <summary>Cosines of vectors.</summary>
internal static class Cosine
{
    /// <summary>The vectors [R, D] divided by their length; zeros stay zeros, whose cosine with everything is 0.</summary>
    public static float[] Normalized(ReadOnlySpan<float> vectors, int width)
    {
        var units = vectors.ToArray();
        for (var start = 0; start < units.Length; start += width)
        {
            var vector = units.AsSpan(start, width);
            var sum = 0.0;
            foreach (var x in vector) sum += (double)x * x;
            if (sum == 0) continue;
            var scale = 1 / Math.Sqrt(sum);
            for (var i = 0; i < vector.Length; i++) vector[i] = (float)(vector[i] * scale);
        }
        return units;
    }

    /// <summary>a · b.</summary>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var va = MemoryMarshal.Cast<float, Vector<float>>(a);
        var vb = MemoryMarshal.Cast<float, Vector<float>>(b);
        Vector<float> first = default, second = default;
        var i = 0;
        for (; i + 1 < va.Length; i += 2)
        {
            first += va[i] * vb[i];
            second += va[i + 1] * vb[i + 1];
        }
        if (i < va.Length) first += va[i] * vb[i];
        var sum = Vector.Sum(first + second);
        for (var k = va.Length * Vector<float>.Count; k < a.Length; k++) sum += a[k] * b[k];
        return sum;
    }
}
