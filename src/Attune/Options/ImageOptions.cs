using System.Globalization;
using Attune.Encoding;

namespace Attune.Options;

/// <summary>How pictures become a network's input, and what happens to those that cannot be read. What is not set here comes from the model.</summary>
public sealed record ImageOptions
{
    /// <summary>Height and width of the network's input, 1 to 16,384. Default: the model's.</summary>
    public int? Size { get; init; }

    /// <summary>Length of the shorter side before the centre crop, at least <see cref="Size"/> as a rule; 0 resizes to the input size whatever the proportions. Default: the model's, else size × 256/224.</summary>
    public int? Resize { get; init; }

    /// <summary>How to resize: nearest, box, bilinear, bicubic or lanczos. Default: the model's, else bilinear (torchvision).</summary>
    public ImageInterpolation? Interpolation { get; init; }

    /// <summary>Channels: rgb, bgr or grey. Default: the model's, else rgb.</summary>
    public ImageChannels? Channels { get; init; }

    /// <summary>Mean of each channel, or one for all, on the scale 0 to 1. Default: the model's, else ImageNet's 0.485, 0.456, 0.406.</summary>
    public IReadOnlyList<string>? Mean { get; init; }

    /// <summary>Standard deviation of each channel, or one for all, on the scale 0 to 1. Default: the model's, else ImageNet's 0.229, 0.224, 0.225.</summary>
    public IReadOnlyList<string>? Std { get; init; }

    /// <summary>What shows through transparent pixels, <c>#rrggbb</c>. Default: the model's, else white.</summary>
    public string? Background { get; init; }

    /// <summary>Column of a list that holds the paths or the pictures' bytes. Default: the one called path, file, filename, image or the like.</summary>
    public string? PathColumn { get; init; }

    /// <summary>Training goes on without unreadable pictures while they are at most this share of all, in [0, 1). Default 0.01.</summary>
    public double MaxUnreadable { get; init; } = 0.01;

    /// <summary>Pictures that claim more pixels are refused from their header. Default 89,478,485 (Pillow's MAX_IMAGE_PIXELS).</summary>
    public long MaxPixels { get; init; } = 89_478_485;

    /// <summary>Megabytes of memory that may keep resized pictures between epochs, where augmentation does not crop at random; 0 keeps none. Default 512.</summary>
    public int CacheMegabytes { get; init; } = 512;

    /// <summary>Megabytes of pictures that may be made ahead of training. Default 256.</summary>
    public int AheadMegabytes { get; init; } = 256;

    /// <summary>The preprocessing: what is set here over the model's.</summary>
    /// <param name="model">The model's own preprocessing; null for ImageNet's recipe.</param>
    public ImagePreprocessing ToPreprocessing(ImagePreprocessing? model = null)
    {
        var basis = model ?? ImagePreprocessing.ImageNet;
        var changed = basis with
        {
            Height = Size ?? basis.Height,
            Width = Size ?? basis.Width,
            Interpolation = Interpolation ?? basis.Interpolation,
            Channels = Channels ?? basis.Channels,
            Mean = Numbers(Mean) ?? basis.Mean,
            Std = Numbers(Std) ?? basis.Std,
            Background = Background ?? basis.Background,
        };
        if (changed.Channels == ImageChannels.Grey && Mean is null && basis.Mean.Count > 1) changed = changed with { Mean = [changed.Mean.Average()] };
        if (changed.Channels == ImageChannels.Grey && Std is null && basis.Std.Count > 1) changed = changed with { Std = [changed.Std.Average()] };
        if (Resize == 0) return changed with { ResizeShorterSide = null, ResizeHeight = changed.Height, ResizeWidth = changed.Width };
        if (Resize is { } shorter) return changed with { ResizeShorterSide = shorter, ResizeHeight = null, ResizeWidth = null };
        if (Size is not { } size) return changed;
        // The crop keeps the share of the picture that it had.
        return basis.ResizeShorterSide is { } before
            ? changed with { ResizeShorterSide = (int)Math.Round((double)before * size / Math.Min(basis.Height, basis.Width)) }
            : basis.ResizeHeight is not null ? changed with { ResizeHeight = size, ResizeWidth = size } : changed;
    }

    internal void Validate(Problems problems)
    {
        problems.InRange(1, ImagePreprocessing.LargestSide + 1, Size, "image.size");
        problems.InRange(0, ImagePreprocessing.LargestSide + 1, Resize, "image.resize");
        Check(problems, Mean, "image.mean", above: double.NegativeInfinity);
        Check(problems, Std, "image.std", above: 0);
        if (Background is not null && new ImagePreprocessing { Height = 1, Width = 1, Background = Background }.Problems().Any())
            problems.Add("image.background", $"has to be a colour as #rrggbb, such as #ffffff; got '{Background}'.");
        problems.InRange(0, 1, MaxUnreadable, "image.max-unreadable");
        problems.AtLeast(1, MaxPixels, "image.max-pixels");
        problems.AtLeast(0, CacheMegabytes, "image.cache-megabytes");
        problems.AtLeast(1, AheadMegabytes, "image.ahead-megabytes");
    }

    private void Check(Problems problems, IReadOnlyList<string>? values, string path, double above)
    {
        if (values is null) return;
        var channels = Channels == ImageChannels.Grey ? 1 : 3;
        if (values.Count != 1 && values.Count != channels)
            problems.Add(path, FormattableString.Invariant($"needs one number, or one for each of {channels} channels; got {values.Count}."));
        foreach (var text in values)
        {
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value)) problems.Add(path, $"'{text}' is no number.");
            else if (!(value > above)) problems.Add(path, FormattableString.Invariant($"has to be greater than {above}; got {value}."));
        }
    }

    private static double[]? Numbers(IReadOnlyList<string>? values) => values?.Select(v => double.Parse(v, NumberStyles.Float, CultureInfo.InvariantCulture)).ToArray();
}
