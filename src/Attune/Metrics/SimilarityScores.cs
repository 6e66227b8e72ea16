using System.Runtime.InteropServices;

namespace Attune.Metrics;

/// <summary>Cosines of pairs of texts beside the scores that people gave them.</summary>
public sealed class SimilarityScores : ScoredSet
{
    private double[]? _losses;

    /// <summary>Scores over the given arrays, which are not copied.</summary>
    /// <param name="targets">Scores [R].</param>
    /// <param name="cosines">Cosines [R].</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public SimilarityScores(double[] targets, double[] cosines) : base(targets.Length)
    {
        if (targets.Length != cosines.Length) throw new ArgumentException($"{cosines.Length} cosines for {targets.Length} scores.", nameof(cosines));
        (Targets, Cosines) = (targets, cosines);
        (TargetOrder, CosineOrder) = (Order(targets), Order(cosines));
    }

    /// <inheritdoc/>
    public override MetricTasks Kind => MetricTasks.Similarity;

    /// <summary>Scores [R].</summary>
    public double[] Targets { get; }

    /// <summary>Cosines [R].</summary>
    public double[] Cosines { get; }

    /// <summary>Rows by rising score.</summary>
    internal int[] TargetOrder { get; }

    /// <summary>Rows by rising cosine.</summary>
    internal int[] CosineOrder { get; }

    /// <summary>Cosines of the two vectors of each row.</summary>
    /// <param name="targets">The score of each text [R, 2]; that of the first is read.</param>
    /// <param name="vectors">Vectors of the texts, [R, 2, D].</param>
    /// <param name="width">D.</param>
    /// <exception cref="ArgumentException">The arrays do not fit.</exception>
    public static SimilarityScores Of(float[] targets, ReadOnlySpan<float> vectors, int width)
    {
        if (targets.Length % 2 != 0 || vectors.Length != (long)targets.Length * width) throw new ArgumentException($"{vectors.Length} numbers are no pairs of vectors of width {width} for {targets.Length} scores.", nameof(vectors));
        var units = Cosine.Normalized(vectors, width);
        var rows = targets.Length / 2;
        var (scores, cosines) = (new double[rows], new double[rows]);
        for (var row = 0; row < rows; row++)
        {
            scores[row] = targets[2 * row];
            cosines[row] = Cosine.Dot(units.AsSpan(2 * row * width, width), units.AsSpan((2 * row + 1) * width, width));
        }
        return new SimilarityScores(scores, cosines);
    }

    /// <inheritdoc/>
    public override Sample NewSample() => new SimilaritySample(this);

    /// <summary>Squared difference of cosine and score.</summary>
    public override ReadOnlySpan<double> RowLosses => _losses ??= [.. Targets.Select((t, i) => (Cosines[i] - t) * (Cosines[i] - t))];

    internal override bool SamePredictions(ScoredSet other)
        => other is SimilarityScores scores && MemoryMarshal.AsBytes<double>(Cosines).SequenceEqual(MemoryMarshal.AsBytes<double>(scores.Cosines));

    internal override bool SameTruth(ScoredSet other) => other is SimilarityScores scores && Targets.AsSpan().SequenceEqual(scores.Targets);

    internal override int ChangedRows(ScoredSet other, bool labelsOnly)
    {
        var scores = (SimilarityScores)other;
        return Enumerable.Range(0, Rows).Count(row => Cosines[row] != scores.Cosines[row]);
    }

    private static int[] Order(double[] values)
    {
        int[] order = [.. Enumerable.Range(0, values.Length)];
        Array.Sort((double[])values.Clone(), order);
        return order;
    }
}
