using Attune.Batching.Images;
using Attune.Data.Images;
using Attune.Encoding;
using CsCheck;

namespace Attune.Tests.Batching;

public sealed class ResamplerTests
{
    [Fact]
    public void Results_equal_the_reference_bit_for_bit_with_every_filter_size_and_vector_width()
    {
        var failed = new List<string>();
        var count = 0;
        foreach (var bits in (int[])[128, 256, 512])
        {
            var resampler = new Resampler { VectorBits = bits };
            foreach (var golden in ImagesGolden.Part("resize").EnumerateArray())
            {
                var source = ImagesGolden.Decode(golden.GetProperty("file").GetString()!);
                var part = golden.TryGetProperty("crop", out var c) ? new PixelBox(c[0].GetInt32(), c[1].GetInt32(), c[2].GetInt32(), c[3].GetInt32()) : PixelBox.Of(source);
                var (width, height) = (golden.GetProperty("width").GetInt32(), golden.GetProperty("height").GetInt32());
                var result = new PixelImage();
                resampler.Resize(source, part, width, height, ImagesGolden.Filter(golden.GetProperty("filter")), new PixelBox(0, 0, width, height), result);
                if (ImagesGolden.Sha256(ImagesGolden.Rgb(result)) != golden.GetProperty("sha256").GetString()) failed.Add($"{bits}: {golden}");
                count++;
            }
        }
        Assert.Empty(failed);
        Assert.True(count >= 300);
    }

    [Fact]
    public void A_part_of_the_result_equals_that_part_of_the_whole() =>
        Gen.Select(Gen.Int[1, 50], Gen.Int[1, 50], Gen.Int[1, 50], Gen.Int[1, 50], Gen.Enum<ImageInterpolation>(), Gen.Int[0, 1 << 20]).Sample((w, h, width, height, filter, seed) =>
        {
            var source = ImagesGolden.Waves(w, h);
            var random = new Random(seed);
            int left = random.Next(width), top = random.Next(height);
            var wanted = new PixelBox(left, top, random.Next(1, width - left + 1), random.Next(1, height - top + 1));
            var (whole, part) = (new PixelImage(), new PixelImage());
            new Resampler { VectorBits = 128 }.Resize(source, PixelBox.Of(source), width, height, filter, new PixelBox(0, 0, width, height), whole);
            new Resampler().Resize(source, PixelBox.Of(source), width, height, filter, wanted, part);
            for (var y = 0; y < wanted.Height; y++)
                Assert.True(part.Words.Slice(y * wanted.Width, wanted.Width).SequenceEqual(whole.Words.Slice((wanted.Top + y) * width + wanted.Left, wanted.Width)));
        }, iter: 2000);

    [Fact]
    public void One_resampler_gives_the_same_whatever_it_did_before()
    {
        var used = new Resampler();
        foreach (var (w, h, width, height) in new[] { (50, 40, 7, 9), (3, 3, 64, 64), (50, 40, 20, 30), (200, 100, 20, 30), (50, 40, 7, 9) })
        {
            var source = ImagesGolden.Waves(w, h);
            var (first, second) = (new PixelImage(), new PixelImage());
            used.Resize(source, PixelBox.Of(source), width, height, ImageInterpolation.Lanczos, new PixelBox(0, 0, width, height), first);
            new Resampler().Resize(source, PixelBox.Of(source), width, height, ImageInterpolation.Lanczos, new PixelBox(0, 0, width, height), second);
            Assert.True(first.Span.SequenceEqual(second.Span));
        }
    }

    [Fact]
    public void A_picture_of_one_color_keeps_it()
    {
        var source = new PixelImage();
        source.SetSize(37, 23);
        source.Words.Fill(0xFF63C80A);
        foreach (var filter in Enum.GetValues<ImageInterpolation>())
        {
            var result = new PixelImage();
            new Resampler().Resize(source, PixelBox.Of(source), 11, 50, filter, new PixelBox(0, 0, 11, 50), result);
            Assert.All(result.Words.ToArray(), word => Assert.Equal(0xFF63C80Au, word));
        }
    }
}
