using Attune.Data.Images;

namespace Attune.Batching.Images;

/// <summary>Grey values as Pillow's <c>convert("L")</c>: (19595 R + 38470 G + 7471 B + 32768) >> 16.</summary>
internal static class Luma
{
    /// <summary>The grey value of a pixel's word.</summary>
    public static uint Of(uint word) => ((word & 255) * 19595 + (word >> 8 & 255) * 38470 + (word >> 16 & 255) * 7471 + 0x8000) >> 16;

    /// <summary>Puts the grey value in all channels.</summary>
    public static void Apply(PixelImage image)
    {
        foreach (ref var word in image.Words) word = Of(word) * 0x010101 | 0xFF000000;
    }
}
