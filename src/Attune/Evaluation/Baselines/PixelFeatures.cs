using Attune.Encoding;

namespace Attune.Evaluation.Baselines;

/// <summary>
/// What simple models see of pictures: the plain view averaged over a grid of at most 16 × 16 cells, per channel. Streamed inputs become a block of numbers that fits into
/// memory; other inputs stay.
/// </summary>
public static class PixelFeatures
{
    private const int Grid = 16, RowsAtOnce = 32;

    /// <summary>The same rows with streamed inputs averaged; the set itself when nothing is streamed.</summary>
    /// <param name="set">Encoded rows.</param>
    /// <param name="most">Largest number of rows; an even sample is taken of more.</param>
    public static EncodedSet Of(EncodedSet set, int most = int.MaxValue)
    {
        if (!set.Inputs.Any(i => i is StreamedInput)) return set;
        var count = Math.Min(set.Rows, most);
        int[] rows = [.. Enumerable.Range(0, count).Select(i => (int)((long)i * set.Rows / count))];
        var targets = set.Targets;
        var picked = targets is null || count == set.Rows ? targets
            : targets.Labels is { } labels ? Targets.Classes([.. rows.Select(r => labels[r])])
            : Targets.Real([.. rows.SelectMany(r => targets.Values!.Skip(r * targets.Width).Take(targets.Width))], targets.Width);
        return new EncodedSet(count, [.. set.Inputs.OfType<StreamedInput>().Select(i => (EncodedInput)Averaged(i, rows))], picked);
    }

    private static FloatInput Averaged(StreamedInput input, int[] rows)
    {
        var shape = input.RowShape;
        var (channels, height, width) = shape.Count == 3 ? ((int)shape[0], (int)shape[1], (int)shape[2]) : (1, 1, input.Width);
        var (gridHeight, gridWidth) = (Math.Min(Grid, height), Math.Min(Grid, width));
        var cells = channels * gridHeight * gridWidth;
        var values = new float[rows.Length * cells];
        var buffer = new float[RowsAtOnce * input.Width];
        for (var start = 0; start < rows.Length; start += RowsAtOnce)
        {
            var part = rows.AsSpan(start, Math.Min(RowsAtOnce, rows.Length - start));
            input.Expect(rows.AsSpan(start + part.Length, Math.Min(RowsAtOnce, rows.Length - start - part.Length)), StreamedInput.PlainView);
            var read = buffer.AsSpan(0, part.Length * input.Width);
            input.Read(part, StreamedInput.PlainView, read);
            for (var i = 0; i < part.Length; i++) Average(read.Slice(i * input.Width, input.Width), channels, height, width, gridHeight, gridWidth, values.AsSpan((start + i) * cells, cells));
        }
        return new FloatInput(input.Name, cells, values);
    }

    private static void Average(ReadOnlySpan<float> picture, int channels, int height, int width, int gridHeight, int gridWidth, Span<float> cells)
    {
        for (var c = 0; c < channels; c++)
        {
            for (var gy = 0; gy < gridHeight; gy++)
            {
                int top = gy * height / gridHeight, bottom = (gy + 1) * height / gridHeight;
                for (var gx = 0; gx < gridWidth; gx++)
                {
                    int left = gx * width / gridWidth, right = (gx + 1) * width / gridWidth;
                    var sum = 0f;
                    for (var y = top; y < bottom; y++)
                    {
                        foreach (var value in picture.Slice((c * height + y) * width + left, right - left)) sum += value;
                    }
                    cells[(c * gridHeight + gy) * gridWidth + gx] = sum / ((bottom - top) * (right - left));
                }
            }
        }
    }
}
