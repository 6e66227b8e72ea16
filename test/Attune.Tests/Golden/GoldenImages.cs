using Attune.Encoding;

namespace Attune.Tests.Golden;

/// <summary>Images in memory that know their sizes, [C, H, W] a row.</summary>
internal sealed class GoldenImages(string name, long[] rowShape, float[] values) : StreamedInput(name, rowShape, values.Length / (int)rowShape.Aggregate(1L, (a, b) => a * b))
{
    public override bool IsAugmented => false;

    public override void Read(ReadOnlySpan<int> rows, int view, Span<float> destination)
    {
        for (var i = 0; i < rows.Length; i++) values.AsSpan(rows[i] * Width, Width).CopyTo(destination[(i * Width)..]);
    }
}
