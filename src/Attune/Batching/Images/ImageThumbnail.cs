using System.Globalization;
using Attune.Data.Images;
using Attune.Encoding;
using SkiaSharp;

namespace Attune.Batching.Images;

/// <summary>Small JPEG pictures for reports.</summary>
public static class ImageThumbnail
{
    /// <summary>A JPEG of the picture, upright, over white, its longer side at most <paramref name="size"/> pixels (never enlarged).</summary>
    /// <param name="bytes">A picture file: JPEG, PNG, WebP, GIF or BMP.</param>
    /// <param name="size">Longest side, 1 to 4,096. Default 160.</param>
    /// <param name="quality">JPEG quality, 1 to 100. Default 80.</param>
    /// <param name="name">How messages call the file.</param>
    /// <exception cref="DataFormatException">The bytes are no picture, damaged or cut off.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size or quality out of range.</exception>
    public static byte[] Jpeg(ReadOnlySpan<byte> bytes, int size = 160, int quality = 80, string name = "picture")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, 4096);
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        var picture = new PixelImage();
        new ImageDecoder().Decode(bytes, name, picture, ImageSource.DefaultMaxPixels, (255, 255, 255));
        var scale = Math.Min(1, (double)size / Math.Max(picture.Width, picture.Height));
        var (width, height) = (Math.Max(1, (int)Math.Round(picture.Width * scale)), Math.Max(1, (int)Math.Round(picture.Height * scale)));
        var small = new PixelImage();
        new Resampler().Resize(picture, PixelBox.Of(picture), width, height, ImageInterpolation.Bilinear, new PixelBox(0, 0, width, height), small);
        using var pixels = SKImage.FromPixelCopy(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque), small.Span)
            ?? throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"A picture of {width} × {height} pixels could not be made."));
        using var encoded = pixels.Encode(SKEncodedImageFormat.Jpeg, quality);
        return encoded.ToArray();
    }
}
