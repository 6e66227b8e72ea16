using System.Globalization;
using System.Text.Json;
using Attune.Batching.Images;
using Attune.Data.Images;
using Attune.Encoding;

namespace Attune.Tests.Batching;

public sealed class ImagePreparationTests
{
    [Fact]
    public void Pixels_and_tensors_equal_the_reference()
    {
        var count = 0;
        foreach (var golden in ImagesGolden.Part("preprocess").EnumerateArray())
        {
            var (height, width) = (golden.GetProperty("height").GetInt32(), golden.GetProperty("width").GetInt32());
            var settings = new ImagePreprocessing { Height = height, Width = width, Interpolation = ImagesGolden.Filter(golden.GetProperty("filter")) };
            settings = golden.TryGetProperty("shorter", out var shorter) ? settings with { ResizeShorterSide = shorter.GetInt32() } : settings with { ResizeHeight = height, ResizeWidth = width };
            var (picture, tensor) = Prepare(settings, golden.GetProperty("file").GetString()!);
            Assert.Equal(golden.GetProperty("sha256").GetString(), ImagesGolden.Sha256(ImagesGolden.Rgb(picture)));
            Assert.Equal(Floats(golden.GetProperty("first")), tensor[..40]);   // bit for bit
            Assert.Equal(Floats(golden.GetProperty("last")), tensor[^40..]);
            Assert.Equal(golden.GetProperty("sum").GetDouble(), tensor.Sum(v => (double)v), 1e-6);
            count++;
        }
        Assert.True(count >= 8);
    }

    [Fact]
    public void Grey_is_made_before_resizing()
    {
        var golden = ImagesGolden.Part("grey");
        var settings = new ImagePreprocessing { Height = 28, Width = 28, ResizeShorterSide = 32, Channels = ImageChannels.Grey, Mean = [0.5], Std = [0.5] };
        var (picture, tensor) = Prepare(settings, "rgb.png");
        Assert.Equal(golden.GetProperty("sha256").GetString(), ImagesGolden.Sha256([.. picture.Words.ToArray().Select(w => (byte)w)]));
        Assert.Equal(28 * 28, tensor.Length);
        Assert.Equal(((byte)picture.Words[5] / 255f - 0.5f) / 0.5f, tensor[5]);
    }

    [Fact]
    public void Bgr_is_rgb_with_planes_exchanged_and_scale_one_keeps_bytes()
    {
        var rgb = new ImagePreprocessing { Height = 20, Width = 20, ResizeShorterSide = 20, Scale = 1, Mean = [0], Std = [1] };
        var (picture, a) = Prepare(rgb, "rgb.png");
        var (_, b) = Prepare(rgb with { Channels = ImageChannels.Bgr }, "rgb.png");
        Assert.Equal(a[..400], b[800..]);
        Assert.Equal(a[400..800], b[400..800]);
        Assert.Equal((float)(byte)picture.Words[3], a[3]);
    }

    [Fact]
    public void Resized_sizes_and_crop_offsets_equal_the_reference()
    {
        foreach (var item in ImagesGolden.Part("resized_sizes").EnumerateArray())
        {
            var v = item.EnumerateArray().Select(x => x.GetInt32()).ToArray();
            if (v[3] == 0 || v[4] == 0) continue;
            Assert.Equal((v[3], v[4]), (ImagePreprocessing.ImageNet with { ResizeShorterSide = v[2] }).ResizedSize(v[0], v[1]));
        }
    }

    [Fact]
    public void A_crop_begins_where_the_reference_begins_it()
    {
        foreach (var item in ImagesGolden.Part("center_crop").EnumerateArray())
        {
            var (height, crop, offset) = (item[0].GetInt32(), item[1].GetInt32(), item[2].GetInt32());
            var (picture, result) = (new PixelImage(), new PixelImage());
            picture.SetSize(crop, height);
            for (var i = 0; i < picture.Words.Length; i++) picture.Words[i] = (uint)(i / crop);
            new ImagePreparation(new ImagePreprocessing { Height = crop, Width = crop }, 1_000_000).ResizeAndCrop(picture, result);
            Assert.Equal((uint)offset, result.Words[0]);
        }
    }

    [Fact]
    public void No_size_of_picture_is_too_small_or_odd()
    {
        foreach (var filter in Enum.GetValues<ImageInterpolation>())
        {
            var preparation = new ImagePreparation(new ImagePreprocessing { Height = 19, Width = 23, ResizeShorterSide = 21, Interpolation = filter }, 1_000_000);
            var exact = new ImagePreparation(new ImagePreprocessing { Height = 19, Width = 23, Interpolation = filter }, 1_000_000);
            var (result, planes) = (new PixelImage(), new float[3 * 19 * 23]);
            for (var size = 1; size <= 50; size++)
            {
                foreach (var picture in new[] { ImagesGolden.Waves(size, 51 - size), ImagesGolden.Waves(size, size) })
                {
                    preparation.ResizeAndCrop(picture, result);
                    preparation.Normalize(result, planes);
                    exact.ResizeAndCrop(picture, result);
                    Assert.Equal((23, 19), (result.Width, result.Height));
                    Assert.All(planes, v => Assert.True(float.IsFinite(v)));
                }
            }
        }
    }

    [Fact]
    public void Json_keeps_every_value_and_is_refused_with_the_property()
    {
        var all = new ImagePreprocessing
        {
            Height = 10, Width = 12, ResizeHeight = 10, ResizeWidth = 12, Interpolation = ImageInterpolation.Lanczos, Channels = ImageChannels.Bgr, Scale = 1, Mean = [0.1, 1.0 / 3, 7], Std = [2], Background = "#0a0B0c",
        };
        Assert.Equal(all, ImagePreprocessing.FromJson(all.ToJson(), "f"));
        Assert.NotEqual(all, all with { Mean = [0.1, 0.3, 7] });
        Assert.Contains("\"interpolation\": \"lanczos\"", all.ToJson(), StringComparison.Ordinal);
        Assert.Equal((10, 11, 12), all.BackgroundColor);
        foreach (var (from, to, word) in new[]
        {
            ("\"height\": 10", "\"height\": 0", "height"), ("\"lanczos\"", "\"cubic\"", "interpolation"), ("\"lanczos\"", "9", "interpolation"), ("#0a0B0c", "white", "background"), ("#0a0B0c", "#0a0B0c0", "background"),
            ("\"scale\": 1", "\"scale\": -1", "scale"), ("\"resizeHeight\": 10,", "", "resizeWidth"), ("\"height\"", "\"hight\"", "hight"), ("    2\n", "    0\n", "std"), ("    7\n", "    7, 8\n", "mean"),
        })
        {
            var broken = all.ToJson().Replace(from, to, StringComparison.Ordinal);
            Assert.NotEqual(all.ToJson(), broken);
            var error = Assert.Throws<DataFormatException>(() => ImagePreprocessing.FromJson(broken, "model.json"));
            Assert.Contains(word, error.Message, StringComparison.OrdinalIgnoreCase);
            Assert.StartsWith("model.json", error.Message, StringComparison.Ordinal);
        }
    }

    private static (PixelImage Picture, float[] Tensor) Prepare(ImagePreprocessing settings, string file)
    {
        var preparation = new ImagePreparation(settings, ImageSource.DefaultMaxPixels);
        var (picture, tensor) = (new PixelImage(), new float[settings.ChannelCount * settings.Height * settings.Width]);
        preparation.ResizeAndCrop(preparation.Decode(ImagesGolden.Bytes(file), file), picture);
        preparation.Normalize(picture, tensor);
        return (picture, tensor);
    }

    private static float[] Floats(JsonElement list) => [.. list.EnumerateArray().Select(v => float.Parse(v.GetRawText(), CultureInfo.InvariantCulture))];
}
