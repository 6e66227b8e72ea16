using Attune.Encoding;
using Attune.Losses;

namespace Attune.Training;

/// <summary>Losses over rows of an encoded set.</summary>
internal static class LossOf
{
    /// <summary>The normaliser of some rows.</summary>
    public static double Count(Loss loss, Targets targets, ReadOnlySpan<int> rows)
    {
        if (targets.Labels is { } labels)
        {
            var picked = new int[rows.Length];
            for (var i = 0; i < rows.Length; i++) picked[i] = labels[rows[i]];
            return loss.Count(new LossTargets { Labels = picked, Rows = rows.Length, ValueWidth = 1 });
        }
        var width = targets.Width;
        var values = new float[rows.Length * width];
        for (var i = 0; i < rows.Length; i++) targets.Values.AsSpan(rows[i] * width, width).CopyTo(values.AsSpan(i * width));
        return loss.Count(new LossTargets { Values = values, Rows = rows.Length, ValueWidth = width });
    }
}
