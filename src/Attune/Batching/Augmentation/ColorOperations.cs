using Attune.Batching.Images;
using Attune.Data.Images;

namespace Attune.Batching.Augmentation;

/// <summary>
/// Operations on colours, in place, equal to Pillow's (<c>ImageEnhance</c>, <c>ImageOps</c>) as torchvision calls them. A factor of 1 changes nothing.
/// </summary>
internal static class ColorOperations
{
    /// <summary>Mixes with black: factor 0 is black, 2 is twice as bright (<c>adjust_brightness</c>).</summary>
    public static void Brightness(PixelImage image, float factor)
    {
        Span<byte> table = stackalloc byte[256];
        for (var v = 0; v < 256; v++) table[v] = Blend(0, v, factor);
        Map(image, table, table, table);
    }

    /// <summary>Mixes with the picture's mean grey (<c>adjust_contrast</c>).</summary>
    public static void Contrast(PixelImage image, float factor)
    {
        long sum = 0;
        foreach (var word in image.Words) sum += Luma.Of(word);
        var mean = (int)((double)sum / (image.Width * (long)image.Height) + 0.5);
        Span<byte> table = stackalloc byte[256];
        for (var v = 0; v < 256; v++) table[v] = Blend(mean, v, factor);
        Map(image, table, table, table);
    }

    /// <summary>Mixes with the grey picture (<c>adjust_saturation</c>; Pillow calls it colour).</summary>
    public static void Saturation(PixelImage image, float factor)
    {
        foreach (ref var word in image.Words)
        {
            var grey = (int)Luma.Of(word);
            word = Word(Blend(grey, (int)(word & 255), factor), Blend(grey, (int)(word >> 8 & 255), factor), Blend(grey, (int)(word >> 16 & 255), factor));
        }
    }

    /// <summary>Mixes with the smoothed picture (Pillow's SMOOTH: 3 × 3, middle weight 5 of 13; the border stays) (<c>adjust_sharpness</c>).</summary>
    public static void Sharpness(PixelImage image, float factor, PixelImage scratch)
    {
        scratch.CopyFrom(image);
        byte[] source = scratch.Pixels, pixels = image.Pixels;
        const float Side = 1f / 13, Middle = 5f / 13;
        var stride = image.Width * 4;
        for (var y = 1; y < image.Height - 1; y++)
        {
            for (var i = y * stride + 4; i < (y + 1) * stride - 4; i++)
            {
                if ((i & 3) == 3) continue;
                int up = i - stride, down = i + stride;
                var sum = 0.5f + (source[down - 4] * Side + source[down] * Side + source[down + 4] * Side);
                sum += source[i - 4] * Side + source[i] * Middle + source[i + 4] * Side;
                sum += source[up - 4] * Side + source[up] * Side + source[up + 4] * Side;
                pixels[i] = Blend((int)Math.Clamp(sum, 0, 255), source[i], factor);
            }
        }
    }

    /// <summary>Turns the hue by <paramref name="factor"/> of a full circle, in [-0.5, 0.5], through Pillow's 8-bit HSV (<c>adjust_hue</c>).</summary>
    public static void Hue(PixelImage image, double factor)
    {
        var shift = (byte)(int)(factor * 255);
        foreach (ref var word in image.Words)
        {
            var (h, s, v) = ToHsv((byte)word, (byte)(word >> 8), (byte)(word >> 16));
            word = FromHsv((byte)(h + shift), s, v);
        }
    }

    /// <summary>Keeps the highest <paramref name="bits"/> bits of each value, 0 to 8.</summary>
    public static void Posterize(PixelImage image, int bits)
    {
        var mask = (uint)(byte)~((1 << (8 - bits)) - 1) * 0x010101 | 0xFF000000;
        foreach (ref var word in image.Words) word &= mask;
    }

    /// <summary>Inverts values of at least <paramref name="threshold"/>.</summary>
    public static void Solarize(PixelImage image, double threshold)
    {
        Span<byte> table = stackalloc byte[256];
        for (var v = 0; v < 256; v++) table[v] = (byte)(v < threshold ? v : 255 - v);
        Map(image, table, table, table);
    }

    /// <summary>Stretches each channel so that its darkest value becomes 0 and its lightest 255.</summary>
    public static void AutoContrast(PixelImage image)
    {
        Span<int> counts = stackalloc int[768];
        Histogram(image, counts);
        Span<byte> tables = stackalloc byte[768];
        for (var c = 0; c < 3; c++)
        {
            var histogram = counts.Slice(c * 256, 256);
            int low = histogram.IndexOfAnyExcept(0), high = histogram.LastIndexOfAnyExcept(0);
            double scale = high <= low ? 1 : 255.0 / (high - low), offset = high <= low ? 0 : -low * scale;
            for (var v = 0; v < 256; v++) tables[c * 256 + v] = (byte)Math.Clamp((int)(v * scale + offset), 0, 255);
        }
        Map(image, tables[..256], tables.Slice(256, 256), tables[512..]);
    }

    /// <summary>Makes each channel's histogram flat.</summary>
    public static void Equalize(PixelImage image)
    {
        Span<int> counts = stackalloc int[768];
        Histogram(image, counts);
        Span<byte> tables = stackalloc byte[768];
        for (var c = 0; c < 3; c++)
        {
            var histogram = counts.Slice(c * 256, 256);
            var last = histogram.LastIndexOfAnyExcept(0);
            var step = (image.Width * image.Height - histogram[last]) / 255;
            var n = step / 2;
            for (var v = 0; v < 256; n += histogram[v++]) tables[c * 256 + v] = step == 0 ? (byte)v : (byte)Math.Min(n / step, 255);
        }
        Map(image, tables[..256], tables.Slice(256, 256), tables[512..]);
    }

    // first + factor × (second − first) in float, cut off to an integer: Pillow's Image.blend.
    private static byte Blend(int first, int second, float factor)
    {
        var value = first + factor * (second - first);
        return value <= 0 ? (byte)0 : value >= 255 ? (byte)255 : (byte)value;
    }

    private static void Histogram(PixelImage image, Span<int> counts)
    {
        counts.Clear();
        foreach (var word in image.Words)
        {
            counts[(int)(word & 255)]++;
            counts[256 + (int)(word >> 8 & 255)]++;
            counts[512 + (int)(word >> 16 & 255)]++;
        }
    }

    private static void Map(PixelImage image, ReadOnlySpan<byte> red, ReadOnlySpan<byte> green, ReadOnlySpan<byte> blue)
    {
        foreach (ref var word in image.Words) word = Word(red[(byte)word], green[(byte)(word >> 8)], blue[(byte)(word >> 16)]);
    }

    private static uint Word(byte r, byte g, byte b) => r | (uint)g << 8 | (uint)b << 16 | 0xFF000000;

    private static (byte H, byte S, byte V) ToHsv(byte r, byte g, byte b)
    {
        byte max = Math.Max(r, Math.Max(g, b)), min = Math.Min(r, Math.Min(g, b));
        if (min == max) return (0, 0, max);
        float range = max - min, rc = (max - r) / range, gc = (max - g) / range, bc = (max - b) / range;
        var h = r == max ? bc - gc : g == max ? (float)(2.0 + rc - bc) : (float)(4.0 + gc - rc);
        h = (float)((h / 6.0 + 1.0) % 1.0);
        return ((byte)Math.Clamp((int)(h * 255.0), 0, 255), (byte)Math.Clamp((int)(range / max * 255.0), 0, 255), max);
    }

    private static uint FromHsv(byte hue, byte saturation, byte v)
    {
        if (saturation == 0) return Word(v, v, v);
        float h = (float)(hue * 6.0 / 255.0), s = (float)(saturation / 255.0);
        var i = (int)MathF.Floor(h);
        var f = h - i;
        byte p = Part(v, 1.0 - s), q = Part(v, 1.0 - s * f), t = Part(v, 1.0 - s * (1.0 - f));
        return (i % 6) switch
        {
            0 => Word(v, t, p),
            1 => Word(q, v, p),
            2 => Word(p, v, t),
            3 => Word(p, q, v),
            4 => Word(t, p, v),
            _ => Word(v, p, q),
        };
    }

    private static byte Part(byte value, double share) => (byte)Math.Clamp((int)Math.Round(value * share, MidpointRounding.AwayFromZero), 0, 255);
}
