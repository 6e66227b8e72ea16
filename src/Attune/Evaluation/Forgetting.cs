using System.Globalization;
using System.Text.Json.Serialization;

namespace Attune.Evaluation;

/// <summary>How far tuning moved the vectors of general texts, of which it saw none: a column beside the verdict, which it does not decide.</summary>
public sealed record Forgetting
{
    /// <summary>The file of general texts.</summary>
    public required string Source { get; init; }

    /// <summary>Texts compared.</summary>
    public required int Texts { get; init; }

    /// <summary>Mean cosine of a text's vectors before and after; 1 where nothing moved.</summary>
    public required double Similarity { get; init; }

    /// <summary>Share of texts whose nearest other text by cosine is the same before and after; unlike <see cref="Similarity"/> it stays 1 when all vectors are turned together.</summary>
    public required double SameNearest { get; init; }

    /// <summary>In plain words.</summary>
    [JsonIgnore]
    public string Sentence => string.Create(CultureInfo.InvariantCulture,
        $"On {Texts:N0} general texts ({Source}) a vector's cosine with what it was before is {Similarity:0.###} on average, and {SameNearest:P0} keep their nearest neighbour (1 and 100 % where nothing is forgotten).");

    /// <summary>Compares the vectors of the same texts.</summary>
    /// <param name="source">The file.</param>
    /// <param name="before">Vectors of the model as it came [R, D].</param>
    /// <param name="after">Vectors of the tuned model [R, D].</param>
    /// <param name="width">D. A vector of zeros has cosine 0 with everything.</param>
    /// <exception cref="ArgumentException">There are fewer than two texts, or the sizes differ.</exception>
    public static Forgetting Of(string source, float[] before, float[] after, int width)
    {
        var rows = before.Length / width;
        if (rows < 2 || before.Length != after.Length || before.Length != rows * width) throw new ArgumentException($"{before.Length} and {after.Length} numbers are no vectors of {width} of the same two or more texts.");
        double[] a = Unit(before, width), b = Unit(after, width);
        var (sum, same) = (0.0, 0);
        for (var row = 0; row < rows; row++)
        {
            sum += Dot(a, row, b, row, width);
            if (Nearest(a, row, rows, width) == Nearest(b, row, rows, width)) same++;
        }
        return new Forgetting { Source = source, Texts = rows, Similarity = sum / rows, SameNearest = (double)same / rows };
    }

    private static double[] Unit(float[] values, int width)
    {
        var unit = new double[values.Length];
        for (var start = 0; start < values.Length; start += width)
        {
            var norm = 0.0;
            for (var i = start; i < start + width; i++) norm += (double)values[i] * values[i];
            norm = Math.Sqrt(norm);
            if (norm > 0) for (var i = start; i < start + width; i++) unit[i] = values[i] / norm;
        }
        return unit;
    }

    private static int Nearest(double[] unit, int row, int rows, int width)
    {
        var (best, nearest) = (double.NegativeInfinity, -1);
        for (var other = 0; other < rows; other++)
        {
            if (other == row) continue;
            var cosine = Dot(unit, row, unit, other, width);
            if (cosine > best) (best, nearest) = (cosine, other);
        }
        return nearest;
    }

    private static double Dot(double[] a, int i, double[] b, int j, int width)
    {
        ReadOnlySpan<double> x = a.AsSpan(i * width, width), y = b.AsSpan(j * width, width);
        var sum = 0.0;
        for (var k = 0; k < x.Length; k++) sum += x[k] * y[k];
        return sum;
    }
}
