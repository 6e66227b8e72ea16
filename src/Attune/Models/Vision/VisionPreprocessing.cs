namespace Attune.Models.Vision;

/// <summary>How a network expects its images: resize, cut the middle, scale to [0, 1], subtract the mean and divide by the deviation, channels R, G, B.</summary>
public sealed record VisionPreprocessing
{
    /// <summary>ImageNet's channel means.</summary>
    public static IReadOnlyList<float> ImageNetMean { get; } = [0.485f, 0.456f, 0.406f];

    /// <summary>ImageNet's channel deviations.</summary>
    public static IReadOnlyList<float> ImageNetDeviation { get; } = [0.229f, 0.224f, 0.225f];

    /// <summary>Length of the shorter side after resizing; with <see cref="KeepAspect"/> false the length of both. Default 256 (torchvision).</summary>
    public int Resize { get; init; } = 256;

    /// <summary>True (default) resizes the shorter side and keeps the aspect ratio; false stretches to a square (Hugging Face's <c>height</c> and <c>width</c>).</summary>
    public bool KeepAspect { get; init; } = true;

    /// <summary>Side of the square that is cut from the middle: the network's input. Default 224.</summary>
    public int Crop { get; init; } = 224;

    /// <summary><c>bilinear</c> (default), <c>bicubic</c> or <c>nearest</c>, antialiased as Pillow does it.</summary>
    public string Interpolation { get; init; } = "bilinear";

    /// <summary>Means of R, G, B in [0, 1]. Default ImageNet's.</summary>
    public IReadOnlyList<float> Mean { get; init; } = ImageNetMean;

    /// <summary>Deviations of R, G, B. Default ImageNet's.</summary>
    public IReadOnlyList<float> Deviation { get; init; } = ImageNetDeviation;

    /// <summary>The same as the record that model folders keep.</summary>
    public Encoding.ImagePreprocessing ToImages() => new()
    {
        Height = Crop,
        Width = Crop,
        ResizeShorterSide = KeepAspect ? Resize : null,
        ResizeHeight = KeepAspect ? null : Resize,
        ResizeWidth = KeepAspect ? null : Resize,
        Interpolation = Enum.Parse<Encoding.ImageInterpolation>(Interpolation, ignoreCase: true),
        Mean = [.. Mean.Select(m => Math.Round((double)m, 6))],
        Std = [.. Deviation.Select(d => Math.Round((double)d, 6))],
    };
}
