using System.Buffers.Binary;
using Attune.Data.Images;
using Attune.Tests.Batching;
using SkiaSharp;

namespace Attune.Tests.Data.Images;

public sealed class ImageDecoderTests
{
    [Fact]
    public void Pixels_equal_the_reference_bit_for_bit_in_every_format()
    {
        var failed = new List<string>();
        var cases = ImagesGolden.Part("decode").EnumerateArray().ToList();
        foreach (var golden in cases)
        {
            var image = ImagesGolden.Decode(golden.GetProperty("file").GetString()!);
            if (image.Width != golden.GetProperty("width").GetInt32() || image.Height != golden.GetProperty("height").GetInt32() || ImagesGolden.Sha256(ImagesGolden.Rgb(image)) != golden.GetProperty("sha256").GetString())
                failed.Add(golden.GetProperty("file").GetString()!);
        }
        Assert.Empty(failed);
        Assert.True(cases.Count >= 25);
    }

    [Fact]
    public void The_eight_orientations_of_one_picture_differ_as_they_should()
    {
        var upright = ImagesGolden.Decode("exif1.jpg");
        var turned = ImagesGolden.Decode("exif6.jpg");
        Assert.Equal((upright.Height, upright.Width), (turned.Width, turned.Height));
        // Stored alike, so a quarter turn clockwise brings the lower left corner to the upper left.
        Assert.Equal(upright.Words[(upright.Height - 1) * upright.Width], turned.Words[0]);
        Assert.Equal(upright.Words[^1], ImagesGolden.Decode("exif3.jpg").Words[0]);
    }

    [Fact]
    public void Transparent_pixels_show_the_background_and_nothing_stays_transparent()
    {
        var image = new PixelImage();
        new ImageDecoder().Decode(ImagesGolden.Bytes("rgba.png"), "a", image, 1_000_000, (10, 200, 30));
        Assert.Equal(0xFF000000u | 30 << 16 | 200 << 8 | 10, image.Words[0]);   // alpha 0 on the left
        Assert.All(image.Words.ToArray(), word => Assert.Equal(0xFFu, word >> 24));
    }

    [Fact]
    public void Composition_equals_its_formula_for_every_value_and_alpha()
    {
        var image = new PixelImage();
        image.SetSize(256, 256);
        for (var i = 0; i < image.Words.Length; i++) image.Words[i] = (uint)(i & 255) * 0x010101 | (uint)(i >> 8) << 24;
        ImageDecoder.Composite(image, (255, 0, 119));
        for (var i = 0; i < image.Words.Length; i++)
        {
            var (color, alpha) = (i & 255, i >> 8);
            uint Over(int behind)
            {
                var t = color * alpha + behind * (255 - alpha) + 128;
                return (uint)(t + (t >> 8)) >> 8;
            }
            Assert.Equal(Over(255) | Over(0) << 8 | Over(119) << 16 | 0xFF000000, image.Words[i]);
        }
    }

    [Fact]
    public void A_header_that_claims_too_much_is_refused_before_memory_is_taken()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<DataFormatException>(() => Decode(Bomb(60_000, 60_000)));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
        Assert.Contains("60000 × 60000", error.Message, StringComparison.Ordinal);
        Assert.Throws<DataFormatException>(() => ImageDecoder.ReadHeader(Bomb(60_000, 60_000), "b", ImageSource.DefaultMaxPixels));
        Assert.Throws<DataFormatException>(() => ImageDecoder.ReadHeader(ImagesGolden.Bytes("rgb.png"), "b", 61 * 47 - 1));
        Assert.Equal((61, 47), ImageDecoder.ReadHeader(ImagesGolden.Bytes("rgb.png"), "b", 61 * 47));
    }

    public static TheoryData<string> Files() => [.. Directory.EnumerateFiles(Path.Combine(ImagesGolden.Folder, "files")).Select(f => Path.GetFileName(f)!)];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_that_is_cut_off_is_refused_unless_all_pixels_are_there(string file)
    {
        var bytes = ImagesGolden.Bytes(file);
        foreach (var share in (double[])[0, 0.01, 0.1, 0.3, 0.5, 0.7, 0.8])
        {
            var cut = bytes.AsSpan(0, (int)(bytes.Length * share)).ToArray();
            var (decoder, image) = (new ImageDecoder(), new PixelImage());
            var error = Record.Exception(() => decoder.Decode(cut, "x.png", image, ImageSource.DefaultMaxPixels, (255, 255, 255)));
            if (error is null)
            {
                // All pixels were there: an animation's first frame, or a PNG without its last chunk.
                Assert.True(image.Span.SequenceEqual(ImagesGolden.Decode(file).Span));
                Assert.NotEqual(ImageFormat.Jpeg, ImageFormats.Detect(bytes));
                continue;
            }
            var refused = Assert.IsType<DataFormatException>(error);
            Assert.Contains("x.png", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_JPEG_needs_its_end_mark_and_one_in_a_thumbnail_does_not_count()
    {
        var bytes = ImagesGolden.Bytes("progressive.jpg");
        Assert.True(ImageFormats.HasJpegEnd(bytes));
        Assert.True(ImageFormats.HasJpegEnd([.. bytes, 1, 2, 3]));
        foreach (var cut in (int[])[1, 2, 3, 40, bytes.Length - 4]) Assert.False(ImageFormats.HasJpegEnd(bytes.AsSpan(0, bytes.Length - cut)));
        byte[] application = [0xFF, 0xE1, 0, 6, 0xFF, 0xD9, 0xFF, 0xD9];
        byte[] withThumbnail = [.. bytes[..2], .. application, .. bytes[2..]];
        Assert.True(ImageFormats.HasJpegEnd(withThumbnail));
        Assert.False(ImageFormats.HasJpegEnd(withThumbnail.AsSpan(0, withThumbnail.Length - 2)));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_mutated_file_is_decoded_or_refused_with_a_reason(string file)
    {
        var bytes = ImagesGolden.Bytes(file);
        var random = new Random(17);
        var (decoder, image) = (new ImageDecoder(), new PixelImage());
        for (var trial = 0; trial < 150; trial++)
        {
            var mutated = (byte[])bytes.Clone();
            for (var i = random.Next(1, 12); i > 0; i--) mutated[random.Next(trial % 2 == 0 ? Math.Min(64, mutated.Length) : mutated.Length)] = (byte)random.Next(256);
            if (trial % 5 == 0) mutated = [.. mutated.AsSpan(0, random.Next(mutated.Length))];
            try
            {
                decoder.Decode(mutated, "mutated", image, 4_000_000, (255, 255, 255));
                Assert.True(image.Width > 0 && image.Height > 0);
            }
            catch (DataFormatException) { }
            try
            {
                ImageDecoder.ReadHeader(mutated, "mutated", 4_000_000);
                ImageDecoder.CheckEnd(mutated, "mutated");
            }
            catch (DataFormatException) { }
        }
    }

    [Fact]
    public void Content_decides_not_the_name()
    {
        Assert.Equal(ImageFormat.Jpeg, ImageFormats.Detect(ImagesGolden.Bytes("grey.jpg")));
        var image = new PixelImage();
        new ImageDecoder().Decode(ImagesGolden.Bytes("grey.jpg"), "grey.png", image, 1_000_000, (0, 0, 0));
        Assert.Equal(61, image.Width);
        Assert.Null(ImageFormats.Detect("BM in a text that only begins so"u8));
        var error = Assert.Throws<DataFormatException>(() => Decode("<svg xmlns='http://www.w3.org/2000/svg'/>"u8.ToArray()));
        Assert.Contains("JPEG, PNG, WebP, GIF and BMP", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_thumbnail_is_a_small_JPEG_of_the_upright_picture()
    {
        var jpeg = Attune.Batching.Images.ImageThumbnail.Jpeg(ImagesGolden.Bytes("exif6.jpg"), 12);
        Assert.Equal(ImageFormat.Jpeg, ImageFormats.Detect(jpeg));
        Assert.Equal((8, 12), ImageDecoder.ReadHeader(jpeg, "t", 1000));
        using var same = SKBitmap.Decode(Attune.Batching.Images.ImageThumbnail.Jpeg(ImagesGolden.Bytes("rgb.png"), 500));
        Assert.Equal((61, 47), (same.Width, same.Height));   // never enlarged
        Assert.Throws<DataFormatException>(() => Attune.Batching.Images.ImageThumbnail.Jpeg("no"u8));
    }

    private static void Decode(byte[] bytes) => new ImageDecoder().Decode(bytes, "x.png", new PixelImage(), ImageSource.DefaultMaxPixels, (255, 255, 255));

    // A PNG of 83 bytes with a valid header of the given size.
    private static byte[] Bomb(int width, int height)
    {
        using var stream = new MemoryStream();
        stream.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 2);
        Chunk(stream, "IHDR"u8, header);
        Chunk(stream, "IDAT"u8, [0x78, 0x9C, 3, 0, 0, 0, 0, 1]);
        Chunk(stream, "IEND"u8, []);
        return stream.ToArray();
    }

    private static void Chunk(MemoryStream stream, ReadOnlySpan<byte> type, byte[] data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        stream.Write(number);
        stream.Write(type);
        stream.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32([.. type, .. data]));
        stream.Write(number);
    }

    private static uint Crc32(byte[] bytes)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var i = 0; i < 8; i++) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
        }
        return ~crc;
    }
}
