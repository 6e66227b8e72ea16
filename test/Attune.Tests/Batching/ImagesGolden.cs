using System.Security.Cryptography;
using System.Text.Json;
using Attune.Batching.Images;
using Attune.Data.Images;
using Attune.Encoding;
using Attune.Tests.Golden;

namespace Attune.Tests.Batching;

/// <summary>What Pillow and torchvision made of small pictures (test/golden/images/expected.json, with its birth certificate).</summary>
internal static class ImagesGolden
{
    public static string Folder { get; } = Directory.Exists(Path.Combine(GoldenTensors.Folder(), "images")) ? Path.Combine(GoldenTensors.Folder(), "images") : TestFiles.At("test", "golden", "images");

    private static readonly Lazy<JsonElement> Document = new(() => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder!, "expected.json"))).RootElement);

    public static JsonElement Part(string name) => Document.Value.GetProperty(name);

    public static byte[] Bytes(string file) => File.ReadAllBytes(Path.Combine(Folder, "files", file));

    public static PixelImage Decode(string file)
    {
        var image = new PixelImage();
        new ImageDecoder().Decode(Bytes(file), file, image, ImageSource.DefaultMaxPixels, (255, 255, 255));
        return image;
    }

    /// <summary>8-bit RGB, row-major.</summary>
    public static byte[] Rgb(PixelImage image)
    {
        var rgb = new byte[image.Width * image.Height * 3];
        for (var i = 0; i < rgb.Length; i++) rgb[i] = image.Pixels[i / 3 * 4 + i % 3];
        return rgb;
    }

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static ImageInterpolation Filter(JsonElement name) => Enum.Parse<ImageInterpolation>(name.GetString()!, ignoreCase: true);

    /// <summary>A picture of waves, opaque.</summary>
    public static PixelImage Waves(int width, int height)
    {
        var image = new PixelImage();
        image.SetSize(width, height);
        for (var i = 0; i < image.Words.Length; i++)
        {
            var (x, y) = (i % width, i / width);
            image.Words[i] = (uint)(127 + 120 * Math.Sin(x * 0.7 + y)) | (uint)(x * 37 + y * 11 & 255) << 8 | (uint)(x * y * 7 + 13 & 255) << 16 | 0xFF000000;
        }
        return image;
    }
}
