using Attune.Encoding;
using Attune.Losses;

namespace Attune.Training;

/// <summary>Losses over rows of an encoded set.</summary>
internal static class LossOf
{
    /// <summary>The loss with which a model can be checked on any rows: <paramref name="loss"/>, or what it measures where it needs passes of its own.</summary>
    public static Loss Checkable(Loss loss) => loss.ForwardPasses > 1 ? loss.Measured : loss;

    /// <summary>Rows as the loss wants them passed: each as often as it has forward passes, one after the other.</summary>
    public static ReadOnlySpan<int> Passes(Loss loss, ReadOnlySpan<int> rows, Span<int> scratch)
    {
        if (loss.ForwardPasses == 1) return rows;
        var count = rows.Length * loss.ForwardPasses;
        for (var i = 0; i < count; i++) scratch[i] = rows[i / loss.ForwardPasses];
        return scratch[..count];
    }

    /// <summary>The normaliser of some rows.</summary>
    public static double Count(Loss loss, EncodedSet set, ReadOnlySpan<int> rows)
    {
        var (labels, values) = (Array.Empty<int>(), Array.Empty<float>());
        return Count(loss, set, rows, StreamedInput.PlainView, ref labels, ref values);
    }

    /// <summary>The same over scratch memory, for callers that count at every step.</summary>
    public static double Count(Loss loss, EncodedSet set, ReadOnlySpan<int> rows, int view, ref int[] labels, ref float[] values) => loss.Count(set.TargetsOf(rows, view, ref labels, ref values));
}
