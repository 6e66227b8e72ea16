using System.Buffers.Binary;

namespace Attune.Data.Images;

/// <summary>Tells picture formats by their first bytes, whatever the file is called.</summary>
internal static class ImageFormats
{
    /// <summary>Bytes at the start of a file that <see cref="Detect"/> looks at.</summary>
    public const int HeaderBytes = 26;

    private static readonly HashSet<string> Extensions = new(StringComparer.OrdinalIgnoreCase) { ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".webp", ".bmp", ".dib" };

    /// <summary>Formats in words, for messages.</summary>
    public const string Known = "JPEG, PNG, WebP, GIF and BMP";

    /// <summary>The format of the bytes; null when it is none of these.</summary>
    public static ImageFormat? Detect(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith<byte>([0xFF, 0xD8, 0xFF])) return ImageFormat.Jpeg;
        if (start.StartsWith<byte>([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10])) return ImageFormat.Png;
        if (start.StartsWith("GIF87a"u8) || start.StartsWith("GIF89a"u8)) return ImageFormat.Gif;
        if (start.Length >= 12 && start.StartsWith("RIFF"u8) && start[8..].StartsWith("WEBP"u8)) return ImageFormat.Webp;
        return start.StartsWith("BM"u8) && start.Length >= HeaderBytes && BinaryPrimitives.ReadUInt32LittleEndian(start[14..]) is 12 or (>= 40 and <= 124) ? ImageFormat.Bmp : null;
    }

    /// <summary>True when a file is called as a picture of a known format.</summary>
    public static bool IsImageName(string path) => Extensions.Contains(Path.GetExtension(path));

    /// <summary>
    /// True when the bytes end as a whole file of the format does; false for most files that were cut off. Looks at markers and sizes, decodes nothing.
    /// </summary>
    public static bool HasEnd(ImageFormat format, ReadOnlySpan<byte> bytes) => format switch
    {
        ImageFormat.Jpeg => HasJpegEnd(bytes),
        ImageFormat.Png => bytes[Math.Max(8, bytes.Length - 65_536)..].LastIndexOf("IEND"u8) >= 0,
        ImageFormat.Gif => bytes[Math.Max(6, bytes.Length - 1_024)..].LastIndexOf((byte)0x3B) >= 0,
        ImageFormat.Webp => bytes.Length >= 12 && BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) <= bytes.Length - 8L,
        _ => bytes.Length > BinaryPrimitives.ReadUInt32LittleEndian(bytes[10..]),
    };

    /// <summary>
    /// True when the marker segments of a JPEG lead to its end mark (EOI); what stands behind it does not matter. Thumbnails inside segments do not count.
    /// </summary>
    public static bool HasJpegEnd(ReadOnlySpan<byte> bytes)
    {
        for (var at = 2; ;)
        {
            // Entropy-coded data run to the next 0xFF that is neither stuffed (0) nor a restart (D0 to D7) nor fill (FF).
            var next = bytes[at..].IndexOf((byte)0xFF);
            if (next < 0 || (at += next + 1) >= bytes.Length) return false;
            var marker = bytes[at];
            if (marker == 0xD9) return true;
            if (marker == 0xFF) continue;
            at++;
            if (marker is 0 or 1 or (>= 0xD0 and <= 0xD8)) continue;
            if (at + 2 > bytes.Length) return false;
            at += BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
            if (at > bytes.Length) return false;
        }
    }
}
