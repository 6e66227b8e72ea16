using Attune.Batching.Images;
using Attune.Data.Images;
using Attune.Encoding;

namespace Attune.Batching.Augmentation;

/// <summary>
/// Flips and affine maps as Pillow's <c>transpose</c>, <c>transform</c> and <c>rotate</c> do them; what comes from outside the picture is black. Maps are
/// nearest or, for every other interpolation, bilinear (torchvision would use bicubic or refuse).
/// </summary>
internal static class Geometry
{
    private const uint Black = 0xFF000000;

    /// <summary>Mirrors left and right.</summary>
    public static void FlipHorizontally(PixelImage image)
    {
        for (var y = 0; y < image.Height; y++) image.Words.Slice(y * image.Width, image.Width).Reverse();
    }

    /// <summary>Mirrors top and bottom.</summary>
    public static void FlipVertically(PixelImage image)
    {
        var words = image.Words;
        for (int top = 0, bottom = image.Height - 1; top < bottom; top++, bottom--)
        {
            Span<uint> a = words.Slice(top * image.Width, image.Width), b = words.Slice(bottom * image.Width, image.Width);
            for (var x = 0; x < a.Length; x++) (a[x], b[x]) = (b[x], a[x]);
        }
    }

    /// <summary>Shears about the upper left corner by <paramref name="x"/> and <paramref name="y"/> (tangents), as torchvision's automatic augmentations do.</summary>
    public static void Shear(PixelImage image, double x, double y, ImageInterpolation interpolation, PixelImage scratch)
    {
        double tanX = Math.Tan(Math.Atan(x)), angleY = Math.Atan(y), tanY = Math.Tan(angleY);
        // torchvision's inverse matrix with angle 0: a = 1, b = -tan x, c = -tan y, d = 1 + tan x tan y.
        Transform(image, [1 + tanX * tanY, tanX, 0, tanY, 1, 0], interpolation, scratch);
    }

    /// <summary>Moves to the right and down by whole pixels.</summary>
    public static void Translate(PixelImage image, int right, int down, ImageInterpolation interpolation, PixelImage scratch)
        => Transform(image, [1, 0, -right, 0, 1, -down], interpolation, scratch);

    /// <summary>Turns counter-clockwise about the middle by <paramref name="degrees"/>; quarter turns of squares and half turns are exact.</summary>
    public static void Rotate(PixelImage image, double degrees, ImageInterpolation interpolation, PixelImage scratch)
    {
        var angle = degrees % 360;
        if (angle < 0) angle += 360;
        if (angle == 0) return;
        if (angle == 180)
        {
            image.Words.Reverse();
            return;
        }
        if (angle is 90 or 270 && image.Width == image.Height)
        {
            QuarterTurn(image, angle == 90, scratch);
            return;
        }
        double radians = -angle * (Math.PI / 180), cos = Math.Round(Math.Cos(radians), 15), sin = Math.Round(Math.Sin(radians), 15);
        double cx = image.Width / 2.0, cy = image.Height / 2.0;
        Transform(image, [cos, sin, cos * -cx + sin * -cy + cx, -sin, cos, -sin * -cx + cos * -cy + cy], interpolation, scratch);
    }

    private static void QuarterTurn(PixelImage image, bool counterClockwise, PixelImage scratch)
    {
        scratch.CopyFrom(image);
        var n = image.Width;
        Span<uint> from = scratch.Words, to = image.Words;
        for (var y = 0; y < n; y++)
            for (var x = 0; x < n; x++) to[y * n + x] = counterClockwise ? from[x * n + n - 1 - y] : from[(n - 1 - x) * n + y];
    }

    /// <summary>Output pixel (x, y) comes from (m₀(x+½) + m₁(y+½) + m₂, m₃(x+½) + m₄(y+½) + m₅).</summary>
    internal static void Transform(PixelImage image, ReadOnlySpan<double> m, ImageInterpolation interpolation, PixelImage scratch)
    {
        scratch.CopyFrom(image);
        if (interpolation == ImageInterpolation.Nearest) TransformNearest(scratch, image, m);
        else TransformBilinear(scratch, image, m);
    }

    // 16.16 fixed point, as Pillow's affine_fixed.
    private static void TransformNearest(PixelImage source, PixelImage image, ReadOnlySpan<double> m)
    {
        int a0 = Fix(m[0]), a1 = Fix(m[1]), a2 = Fix(m[2] + m[0] * 0.5 + m[1] * 0.5), a3 = Fix(m[3]), a4 = Fix(m[4]), a5 = Fix(m[5] + m[3] * 0.5 + m[4] * 0.5);
        Span<uint> from = source.Words, to = image.Words;
        int width = image.Width, height = image.Height;
        for (var y = 0; y < height; y++, a2 += a1, a5 += a4)
        {
            int xx = a2, yy = a5;
            for (var x = 0; x < width; x++, xx += a0, yy += a3)
            {
                int xin = xx >> 16, yin = yy >> 16;
                to[y * width + x] = (uint)xin < (uint)width && (uint)yin < (uint)height ? from[yin * width + xin] : Black;
            }
        }
    }

    private static int Fix(double value) => (int)Math.Floor(value * 65536 + 0.5);

    private static void TransformBilinear(PixelImage source, PixelImage image, ReadOnlySpan<double> m)
    {
        int width = image.Width, height = image.Height;
        byte[] from = source.Pixels, to = image.Pixels;
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                double xin = m[0] * (x + 0.5) + m[1] * (y + 0.5) + m[2], yin = m[3] * (x + 0.5) + m[4] * (y + 0.5) + m[5];
                var at = (y * width + x) * 4;
                if (!(xin >= 0 && xin < width && yin >= 0 && yin < height))
                {
                    image.Words[y * width + x] = Black;
                    continue;
                }
                xin -= 0.5;
                yin -= 0.5;
                int left = (int)Math.Floor(xin), top = (int)Math.Floor(yin);
                double dx = xin - left, dy = yin - top;
                int x0 = Math.Clamp(left, 0, width - 1) * 4, x1 = Math.Clamp(left + 1, 0, width - 1) * 4, row = Math.Clamp(top, 0, height - 1) * width * 4;
                for (var c = 0; c < 3; c++)
                {
                    var value = from[row + x0 + c] + (from[row + x1 + c] - from[row + x0 + c]) * dx;
                    if (top + 1 < height)
                    {
                        var next = (top + 1) * width * 4;
                        var below = from[next + x0 + c] + (from[next + x1 + c] - from[next + x0 + c]) * dx;
                        value += (below - value) * dy;
                    }
                    to[at + c] = (byte)value;
                }
            }
        }
    }
}
