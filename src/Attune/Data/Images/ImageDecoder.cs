using System.Globalization;
using System.Runtime.Intrinsics;
using SkiaSharp;

namespace Attune.Data.Images;

/// <summary>
/// Decodes JPEG, PNG, WebP, GIF (first frame) and BMP to upright, opaque 8-bit pixels: EXIF orientation applied, transparent pixels over a background
/// (as Pillow pastes with a mask), no colour-space conversion, the high byte of 16-bit samples. Keeps its memory between pictures; one instance per thread.
/// </summary>
internal sealed unsafe class ImageDecoder
{
    private readonly PixelImage _turned = new();

    /// <summary>Decodes into <paramref name="image"/>.</summary>
    /// <param name="bytes">A whole file.</param>
    /// <param name="name">How messages call the file.</param>
    /// <param name="image">Receives the picture.</param>
    /// <param name="maxPixels">Larger pictures are refused from their header, before memory is taken.</param>
    /// <param name="background">Behind transparent pixels.</param>
    /// <exception cref="DataFormatException">The bytes are no picture, damaged, cut off, or claim too many pixels.</exception>
    public void Decode(ReadOnlySpan<byte> bytes, string name, PixelImage image, long maxPixels, (byte R, byte G, byte B) background)
    {
        var format = FormatOf(bytes, name);
        fixed (byte* start = bytes)
        {
            using var data = SKData.Create((nint)start, bytes.Length);
            using var codec = Open(data, format, name);
            var (width, height) = SizeOf(codec, format, name, maxPixels);
            var origin = codec.EncodedOrigin;
            var target = origin == SKEncodedOrigin.TopLeft ? image : _turned;
            target.SetSize(width, height);
            var info = new SKImageInfo(width, height, SKColorType.Rgba8888, codec.Info.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul);
            fixed (byte* pixels = target.Pixels)
            {
                var result = codec.GetPixels(info, (nint)pixels);
                // libjpeg fills what is missing with grey without a word; Pillow refuses a JPEG without its end mark, and so does this.
                if (result == SKCodecResult.Success && format == ImageFormat.Jpeg && !ImageFormats.HasJpegEnd(bytes)) result = SKCodecResult.IncompleteInput;
                if (result != SKCodecResult.Success) throw Refused(result, format, name);
            }
            if (info.AlphaType != SKAlphaType.Opaque) Composite(target, background);
            if (origin != SKEncodedOrigin.TopLeft) Turn(target, image, origin);
        }
    }

    /// <summary>Reads format and size from the header; decodes nothing.</summary>
    /// <returns>Width and height as stored, before EXIF orientation.</returns>
    /// <exception cref="DataFormatException">The bytes are no picture, have a damaged header, or claim too many pixels.</exception>
    public static (int Width, int Height) ReadHeader(ReadOnlySpan<byte> bytes, string name, long maxPixels)
    {
        var format = FormatOf(bytes, name);
        fixed (byte* start = bytes)
        {
            using var data = SKData.Create((nint)start, bytes.Length);
            using var codec = Open(data, format, name);
            return SizeOf(codec, format, name, maxPixels);
        }
    }

    /// <summary>Looks whether a file has its end; decodes nothing. Some files that decoding accepts (a PNG without its last chunk) are refused.</summary>
    /// <exception cref="DataFormatException">It has not.</exception>
    public static void CheckEnd(ReadOnlySpan<byte> bytes, string name)
    {
        var format = FormatOf(bytes, name);
        if (!ImageFormats.HasEnd(format, bytes)) throw Refused(SKCodecResult.IncompleteInput, format, name);
    }

    private static ImageFormat FormatOf(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.IsEmpty) throw new DataFormatException(name, null, null, "The file is empty (0 bytes). Restore it or remove it.");
        return ImageFormats.Detect(bytes) ?? throw new DataFormatException(name, null, null, $"This is no picture of a known format; it does not begin as {ImageFormats.Known} files do. Convert it, restore it or remove it.");
    }

    private static SKCodec Open(SKData data, ImageFormat format, string name)
        => SKCodec.Create(data) ?? throw new DataFormatException(name, null, null, $"The header of the {format.ToString().ToUpperInvariant()} file is damaged. Restore the file or remove it.");

    private static (int Width, int Height) SizeOf(SKCodec codec, ImageFormat format, string name, long maxPixels)
    {
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if (width < 1 || height < 1) throw new DataFormatException(name, null, null, string.Create(CultureInfo.InvariantCulture, $"The {format.ToString().ToUpperInvariant()} header claims {width} × {height} pixels. Restore the file or remove it."));
        // What an array can hold is the limit of the limit.
        var limit = Math.Min(maxPixels, (Array.MaxLength - PixelImage.Padding) / 4);
        return (long)width * height <= limit ? (width, height) : throw new DataFormatException(name, null, null, string.Create(CultureInfo.InvariantCulture,
            $"The header claims {width} × {height} pixels; at most {limit:N0} are read, lest a small file fill the memory. Make the picture smaller, remove it, or raise the limit (image.max-pixels)."));
    }

    private static DataFormatException Refused(SKCodecResult result, ImageFormat format, string name) => new(name, null, null, result == SKCodecResult.IncompleteInput
        ? $"The {format.ToString().ToUpperInvariant()} file is cut off: it ends inside the image data. Restore it or remove it."
        : $"The image data of the {format.ToString().ToUpperInvariant()} file are damaged ({result}). Restore the file or remove it.");

    /// <summary>
    /// Lays the picture over a colour, t = c·a + b·(255 − a) + 128, (t + (t >> 8)) >> 8, as Pillow does. Afterwards the fourth byte is 255.
    /// </summary>
    internal static void Composite(PixelImage image, (byte R, byte G, byte B) background)
    {
        var (r, g, b) = background;
        var behind = Vector128.Create(r, g, b, 255, r, g, b, (ushort)255);
        var opaque = Vector128.Create((ushort)0, 0, 0, 255, 0, 0, 0, 255);
        var alpha = Vector128.Create((ushort)3, 3, 3, 3, 7, 7, 7, 7);
        fixed (byte* start = image.Pixels)
        {
            // Four pixels at a time; the padding behind the last pixel takes the overhang.
            for (byte* at = start, end = start + image.Bytes; at < end; at += 16)
            {
                var (low, high) = Vector128.Widen(Vector128.Load(at));
                Vector128.Narrow(Over(low, behind, alpha) | opaque, Over(high, behind, alpha) | opaque).Store(at);
            }
        }
    }

    private static Vector128<ushort> Over(Vector128<ushort> pixels, Vector128<ushort> behind, Vector128<ushort> alphaLanes)
    {
        var alpha = Vector128.Shuffle(pixels, alphaLanes);
        var t = pixels * alpha + behind * (Vector128.Create((ushort)255) - alpha) + Vector128.Create((ushort)128);
        return (t + (t >>> 8)) >>> 8;
    }

    // The eight EXIF orientations (Exif 2.32, tag 274): which stored row and column the upright picture's first row and column are.
    private static void Turn(PixelImage from, PixelImage to, SKEncodedOrigin origin)
    {
        var (width, height) = (from.Width, from.Height);
        var transposed = origin >= SKEncodedOrigin.LeftTop;
        to.SetSize(transposed ? height : width, transposed ? width : height);
        var flipX = origin is SKEncodedOrigin.TopRight or SKEncodedOrigin.BottomRight or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;
        var flipY = origin is SKEncodedOrigin.BottomRight or SKEncodedOrigin.BottomLeft or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom;
        Span<uint> source = from.Words, destination = to.Words;
        for (var y = 0; y < to.Height; y++)
        {
            for (var x = 0; x < to.Width; x++)
            {
                var (sx, sy) = transposed ? (y, x) : (x, y);
                if (flipX) sx = width - 1 - sx;
                if (flipY) sy = height - 1 - sy;
                destination[y * to.Width + x] = source[sy * width + sx];
            }
        }
    }
}
