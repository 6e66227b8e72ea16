using Attune.Encoding;
using Attune.Losses;

namespace Attune.Training;

/// <summary>Losses over rows of an encoded set.</summary>
internal static class LossOf
{
    /// <summary>The normaliser of some rows.</summary>
    public static double Count(Loss loss, EncodedSet set, ReadOnlySpan<int> rows)
    {
        var (labels, values) = (Array.Empty<int>(), Array.Empty<float>());
        return Count(loss, set, rows, StreamedInput.PlainView, ref labels, ref values);
    }

    /// <summary>The same over scratch memory, for callers that count at every step.</summary>
    public static double Count(Loss loss, EncodedSet set, ReadOnlySpan<int> rows, int view, ref int[] labels, ref float[] values) => loss.Count(set.TargetsOf(rows, view, ref labels, ref values));
}
