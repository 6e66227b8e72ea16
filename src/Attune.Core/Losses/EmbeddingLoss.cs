using System.Buffers;

namespace Attune.Losses;

/// <summary>
/// A loss over embeddings [R, D]. The rows of an example stand one after the other: anchor, positive, then its negatives (<see cref="Loss.RowsPerExample"/>); its
/// target, where it has one, is repeated on each of its rows and read from the first. Computed in double. Cosines are those of x / ‖x‖; a row of zeros has the cosine 0
/// with every other and gets no gradient from it.
/// </summary>
public abstract class EmbeddingLoss : Loss
{
    private protected EmbeddingLoss() { }

    /// <summary>True when <see cref="Evaluate"/> is given rows of length 1.</summary>
    private protected virtual bool Normalizes => false;

    /// <summary>True when each row needs a class index.</summary>
    private protected virtual bool ReadsLabels => false;

    /// <summary>True when each row needs a number.</summary>
    private protected virtual bool ReadsValues => false;

    /// <summary>Number of examples.</summary>
    public override double Count(in LossTargets targets) => targets.Rows / RowsPerExample;

    /// <summary>The loss sum of x [R, D]; adds its gradient to <paramref name="slopes"/> [R, D].</summary>
    private protected abstract double Evaluate(ReadOnlySpan<double> x, int width, in LossTargets targets, Span<double> slopes);

    /// <inheritdoc/>
    public sealed override double Sum(ReadOnlySpan<float> outputs, int width, in LossTargets targets, Span<float> gradient, float scale)
    {
        LossShapes.Embeddings(Name, outputs.Length, width, RowsPerExample, targets, gradient.Length, ReadsLabels, ReadsValues);
        var rented = ArrayPool<double>.Shared.Rent(2 * outputs.Length + targets.Rows);
        try
        {
            Span<double> x = rented.AsSpan(0, outputs.Length), slopes = rented.AsSpan(outputs.Length, outputs.Length), norms = rented.AsSpan(2 * outputs.Length, targets.Rows);
            for (var i = 0; i < x.Length; i++) x[i] = outputs[i];
            slopes.Clear();
            if (Normalizes) Normalize(x, width, norms);
            var sum = Evaluate(x, width, targets, slopes);
            if (gradient.IsEmpty) return sum;
            if (Normalizes) Unnormalize(x, width, norms, slopes);
            for (var i = 0; i < slopes.Length; i++) gradient[i] = (float)(slopes[i] * scale);
            return sum;
        }
        finally
        {
            ArrayPool<double>.Shared.Return(rented);
        }
    }

    /// <summary>a · b.</summary>
    private protected static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (var i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    /// <summary>to ← to + factor · from.</summary>
    private protected static void Add(Span<double> to, double factor, ReadOnlySpan<double> from)
    {
        for (var i = 0; i < to.Length; i++) to[i] += factor * from[i];
    }

    /// <summary>Row <paramref name="row"/> of a [R, D] block.</summary>
    private protected static ReadOnlySpan<double> Row(ReadOnlySpan<double> x, int row, int width) => x.Slice(row * width, width);

    /// <summary>Row <paramref name="row"/> of a [R, D] block.</summary>
    private protected static Span<double> Row(Span<double> x, int row, int width) => x.Slice(row * width, width);

    private static void Normalize(Span<double> x, int width, Span<double> norms)
    {
        for (var row = 0; row < norms.Length; row++)
        {
            var one = Row(x, row, width);
            norms[row] = Math.Sqrt(Dot(one, one));
            if (norms[row] == 0) continue;
            for (var i = 0; i < width; i++) one[i] /= norms[row];
        }
    }

    // d/dx of a function of u = x/‖x‖: (g - (g·u)u) / ‖x‖.
    private static void Unnormalize(ReadOnlySpan<double> u, int width, ReadOnlySpan<double> norms, Span<double> slopes)
    {
        for (var row = 0; row < norms.Length; row++)
        {
            var unit = Row(u, row, width);
            var slope = Row(slopes, row, width);
            if (norms[row] == 0)
            {
                slope.Clear();
                continue;
            }
            var along = Dot(slope, unit);
            for (var i = 0; i < width; i++) slope[i] = (slope[i] - along * unit[i]) / norms[row];
        }
    }
}
