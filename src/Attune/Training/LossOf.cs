using Attune.Encoding;
using Attune.Losses;

namespace Attune.Training;

/// <summary>Losses over rows of an encoded set.</summary>
internal static class LossOf
{
    /// <summary>The normaliser of some rows.</summary>
    public static double Count(Loss loss, Targets targets, ReadOnlySpan<int> rows) => Count(loss, targets, rows, new int[rows.Length], new float[rows.Length * targets.Width]);

    /// <summary>The same over scratch memory for at least as many rows, for callers that count at every step.</summary>
    public static double Count(Loss loss, Targets targets, ReadOnlySpan<int> rows, Span<int> picked, Span<float> values)
    {
        if (targets.Labels is { } labels)
        {
            for (var i = 0; i < rows.Length; i++) picked[i] = labels[rows[i]];
            return loss.Count(new LossTargets { Labels = picked[..rows.Length], Rows = rows.Length, ValueWidth = 1 });
        }
        var width = targets.Width;
        for (var i = 0; i < rows.Length; i++) targets.Values.AsSpan(rows[i] * width, width).CopyTo(values[(i * width)..]);
        return loss.Count(new LossTargets { Values = values[..(rows.Length * width)], Rows = rows.Length, ValueWidth = width });
    }
}
