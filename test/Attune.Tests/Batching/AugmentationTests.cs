using Attune.Batching.Augmentation;
using Attune.Batching.Images;
using Attune.Data.Images;
using Attune.Encoding;
using Attune.Options;
using Attune.Randomness;

namespace Attune.Tests.Batching;

public sealed class AugmentationTests
{
    [Fact]
    public void Operations_equal_the_reference_to_one_of_255()
    {
        var failed = new List<string>();
        int count = 0, exact = 0;
        foreach (var golden in ImagesGolden.Part("operations").EnumerateArray())
        {
            var image = ImagesGolden.Decode(golden.GetProperty("file").GetString()!);
            Apply(image, golden.GetProperty("name").GetString()!, golden.GetProperty("argument").GetDouble(),
                golden.TryGetProperty("interpolation", out var interpolation) ? ImagesGolden.Filter(interpolation) : default,
                golden.TryGetProperty("size", out var size) ? size.GetInt32() : 0);
            var expected = golden.GetProperty("pixels").GetBytesFromBase64();
            var worst = ImagesGolden.Rgb(image).Zip(expected, (a, b) => Math.Abs(a - b)).Max();
            if (worst > 1) failed.Add($"{golden.GetProperty("name")} {golden.GetProperty("argument")} {golden.GetProperty("file")}: {worst}");
            count++;
            if (worst == 0) exact++;
        }
        Assert.Empty(failed);
        Assert.True(count >= 150);
        Assert.True(exact >= count - 5, $"{exact} of {count} are exact");
    }

    [Theory]
    [InlineData("rand_augment_space", false)]
    [InlineData("trivial_space", true)]
    public void Automatic_augmentations_have_the_reference_operations_and_magnitudes(string part, bool trivial)
    {
        var own = trivial ? AugmentationOperation.TrivialWide : AugmentationOperation.RandAugment;
        var golden = ImagesGolden.Part(part).EnumerateArray().ToList();
        Assert.Equal(golden.Select(g => g[0].GetString()), own.Select(o => o.Name));
        foreach (var (operation, expected) in own.Zip(golden))
        {
            Assert.Equal(expected[2].GetBoolean(), operation.Signed);
            var magnitudes = expected[1].EnumerateArray().Select(v => v.GetDouble()).ToArray();
            Assert.Equal(magnitudes.Length == 1, operation.Magnitudes is null);
            if (operation.Magnitudes is not { } of) continue;
            for (var bin = 0; bin < magnitudes.Length; bin++) Assert.Equal(magnitudes[bin], of(bin, 31, 224, 200), 1e-4);
        }
    }

    [Theory]
    [InlineData(AugmentationRecipe.Light)]
    [InlineData(AugmentationRecipe.Standard)]
    [InlineData(AugmentationRecipe.RandAugment)]
    [InlineData(AugmentationRecipe.TrivialAugment)]
    public void A_view_is_a_function_of_seed_row_and_view(AugmentationRecipe recipe)
    {
        var plan = AugmentationPlan.Of(new AugmentationOptions { Recipe = recipe, Brightness = 0.3, Contrast = 0.2, Saturation = 0.4, Hue = 0.1, Grayscale = 0.2, Blur = 0.3, VerticalFlip = 0.5 });
        var picture = ImagesGolden.Decode("rgb.png");
        float[] View(Augmenter augmenter, int row, int view)
        {
            var planes = new float[3 * 32 * 32];
            augmenter.FromPicture(picture, row, view, planes);
            return planes;
        }
        var one = Make(plan, 5);
        for (var view = 0; view < 20; view++) View(one, 1, view);
        foreach (var (row, view) in new[] { (0, 0), (3, 7), (100_000, 2) }) Assert.Equal(View(Make(plan, 5), row, view), View(one, row, view));
        Assert.NotEqual(View(one, 0, 0), View(one, 0, 1));
        Assert.NotEqual(View(one, 0, 0), View(one, 1, 0));
        Assert.NotEqual(View(one, 0, 0), View(Make(plan, 6), 0, 0));
    }

    [Fact]
    public void Without_random_crop_a_resized_picture_gives_the_same_view()
    {
        var plan = AugmentationPlan.Of(new AugmentationOptions { Recipe = AugmentationRecipe.None, HorizontalFlip = 0.5, Hue = 0.2, Erasing = 0.5 });
        var preparation = Preparation();
        var (picture, resized) = (ImagesGolden.Decode("rgb.png"), new PixelImage());
        preparation.ResizeAndCrop(picture, resized);
        float[] a = new float[3 * 32 * 32], b = new float[3 * 32 * 32];
        for (var view = 0; view < 10; view++)
        {
            Make(plan, 1).FromPicture(picture, 4, view, a);
            Make(plan, 1).FromResized(resized, 4, view, b);
            Assert.Equal(a, b);
        }
    }

    [Fact]
    public void Recipes_fill_in_what_options_leave_open()
    {
        Assert.True(AugmentationPlan.Of(new AugmentationOptions { Recipe = AugmentationRecipe.None }).IsNone);
        Assert.True(AugmentationPlan.Of(new AugmentationOptions { Recipe = AugmentationRecipe.None, CropRatio = 2 }).IsNone);
        Assert.False(AugmentationPlan.Of(new AugmentationOptions()).IsNone);
        Assert.Equal(0.5, AugmentationPlan.Of(new AugmentationOptions()).CropScale);
        var own = AugmentationPlan.Of(new AugmentationOptions { Recipe = AugmentationRecipe.TrivialAugment, HorizontalFlip = 0, Erasing = 0.7 });
        Assert.Equal((0.08, 0, 0.7, true), (own.CropScale, own.HorizontalFlip, own.Erasing, own.TrivialAugment));
    }

    [Theory]
    [InlineData(100, 100, 0.08, 0.4816)]   // means of 20,000 draws of torchvision's RandomResizedCrop.get_params
    [InlineData(200, 100, 0.08, 0.3055)]
    [InlineData(100, 100, 0.5, 0.6973)]
    [InlineData(90, 160, 0.5, 0.6074)]
    public void Random_crops_stay_inside_and_keep_the_reference_share_of_the_area(int width, int height, double scale, double mean)
    {
        var shares = new List<double>();
        for (var i = 0; i < 20_000; i++)
        {
            var draws = new RandomDraws(new Philox(1, "t", i));
            var box = RandomResizedCrop.Draw(ref draws, width, height, scale, 4.0 / 3);
            Assert.True(box.Left >= 0 && box.Top >= 0 && box.Width >= 1 && box.Height >= 1 && box.Left + box.Width <= width && box.Top + box.Height <= height);
            shares.Add((double)box.Width * box.Height / (width * height));
        }
        Assert.Equal(mean, shares.Average(), 0.006);
    }

    [Fact]
    public void A_picture_too_thin_for_a_random_crop_is_cropped_in_the_middle()
    {
        var thin = new RandomDraws(new Philox(1, "t"));
        var middle = RandomResizedCrop.Draw(ref thin, 400, 10, 0.9, 4.0 / 3);
        Assert.Equal(new PixelBox((400 - 13) / 2, 0, 13, 10), middle);
    }

    [Fact]
    public void Erasing_clears_a_rectangle_of_every_channel_and_nothing_else()
    {
        var planes = Enumerable.Repeat(1f, 3 * 20 * 30).ToArray();
        RandomErasing.Erase(planes, 3, 30, 20, new PixelBox(4, 5, 6, 7));
        Assert.Equal(3 * 42, planes.Count(v => v == 0));
        Assert.Equal(0, planes[(2 * 20 + 11) * 30 + 9]);
        Assert.Equal(1, planes[(2 * 20 + 12) * 30 + 9]);
        var found = 0;
        for (var i = 0; i < 500; i++)
        {
            var draws = new RandomDraws(new Philox(3, "e", i));
            if (RandomErasing.Draw(ref draws, 30, 20) is not { } box) continue;
            found++;
            Assert.InRange(box.Width * box.Height / 600.0, 0.01, 0.38);
            Assert.True(box.Left + box.Width <= 30 && box.Top + box.Height <= 20);
        }
        Assert.True(found > 450);
    }

    [Fact]
    public void Options_outside_their_range_are_told_with_their_paths()
    {
        var problems = new Problems();
        new AugmentationOptions { CropScale = 0, CropRatio = 0.5, HorizontalFlip = 1.5, VerticalFlip = -1, Brightness = -1, Contrast = double.NaN, Saturation = -2, Hue = 0.6, Grayscale = 2, Blur = 2, RandAugmentOperations = 11, RandAugmentMagnitude = 31, Erasing = -0.1, Mixup = -1, Cutmix = -1 }.Validate(problems);
        Assert.Equal(15, problems.All.Count);
        Assert.All(problems.All, p => Assert.StartsWith("augmentation.", p, StringComparison.Ordinal));
        problems = new Problems();
        new AugmentationOptions().Validate(problems);
        new ImageOptions().Validate(problems);
        Assert.Empty(problems.All);
        new ImageOptions { Size = 0, Resize = -1, Mean = ["a"], Std = ["0", "1"], Background = "red", MaxUnreadable = 1, MaxPixels = 0, CacheMegabytes = -1, AheadMegabytes = 0 }.Validate(problems);
        Assert.Equal(10, problems.All.Count);
        Assert.All(problems.All, p => Assert.StartsWith("image.", p, StringComparison.Ordinal));
    }

    [Fact]
    public void Image_options_change_the_models_preprocessing()
    {
        Assert.Equal(ImagePreprocessing.ImageNet, new ImageOptions().ToPreprocessing());
        var small = new ImageOptions { Size = 112, Mean = ["0.5"], Std = ["0.25", "0.5", "1"], Interpolation = ImageInterpolation.Bicubic }.ToPreprocessing();
        Assert.Equal((112, 112, 128), (small.Height, small.Width, small.ResizeShorterSide));
        Assert.Equal([0.25, 0.5, 1], small.Std);
        Assert.Empty(small.Problems());
        var exact = new ImageOptions { Resize = 0 }.ToPreprocessing();
        Assert.Equal((null, 224, 224), (exact.ResizeShorterSide, exact.ResizeHeight, exact.ResizeWidth));
        var grey = new ImageOptions { Channels = ImageChannels.Grey }.ToPreprocessing();
        Assert.Empty(grey.Problems());
        Assert.Single(grey.Mean);
    }

    private static Augmenter Make(AugmentationPlan plan, ulong seed) => new(plan, Preparation(), seed);

    private static ImagePreparation Preparation() => new(new ImagePreprocessing { Height = 32, Width = 32, ResizeShorterSide = 36 }, 1_000_000);

    private static void Apply(PixelImage image, string name, double m, ImageInterpolation interpolation, int size)
    {
        var scratch = new PixelImage();
        switch (name)
        {
            case "brightness": ColorOperations.Brightness(image, (float)m); break;
            case "contrast": ColorOperations.Contrast(image, (float)m); break;
            case "saturation": ColorOperations.Saturation(image, (float)m); break;
            case "sharpness": ColorOperations.Sharpness(image, (float)m, scratch); break;
            case "hue": ColorOperations.Hue(image, m); break;
            case "posterize": ColorOperations.Posterize(image, (int)m); break;
            case "solarize": ColorOperations.Solarize(image, m); break;
            case "autocontrast": ColorOperations.AutoContrast(image); break;
            case "equalize": ColorOperations.Equalize(image); break;
            case "shear_x": Geometry.Shear(image, m, 0, interpolation, scratch); break;
            case "shear_y": Geometry.Shear(image, 0, m, interpolation, scratch); break;
            case "translate_x": Geometry.Translate(image, (int)m, 0, interpolation, scratch); break;
            case "translate_y": Geometry.Translate(image, 0, (int)m, interpolation, scratch); break;
            case "rotate": Geometry.Rotate(image, m, interpolation, scratch); break;
            case "blur": new GaussianBlur().Apply(image, size, m); break;
            case "grayscale": Luma.Apply(image); break;
            case "hflip": Geometry.FlipHorizontally(image); break;
            case "vflip": Geometry.FlipVertically(image); break;
            default: Assert.Fail($"The golden file has an operation '{name}' that no test applies."); break;
        }
    }
}
