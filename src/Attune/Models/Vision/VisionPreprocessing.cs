using Attune.Encoding;

namespace Attune.Models.Vision;

/// <summary>Upstream's words for preprocessing as <see cref="ImagePreprocessing"/>: resize, cut a square from the middle, scale to [0, 1], normalise R, G, B.</summary>
internal static class VisionPreprocessing
{
    /// <summary>The preprocessing.</summary>
    /// <param name="crop">Side of the square that is cut from the middle: the network's input.</param>
    /// <param name="resize">Length of the shorter side after resizing; of both when <paramref name="keepAspect"/> is false.</param>
    /// <param name="interpolation"><c>nearest</c>, <c>box</c>, <c>bilinear</c>, <c>bicubic</c> or <c>lanczos</c>; anything else is bilinear.</param>
    /// <param name="keepAspect">False stretches to a square (Hugging Face's <c>height</c> and <c>width</c>, timm's <c>squash</c>).</param>
    /// <param name="mean">Means of R, G, B; null for ImageNet's.</param>
    /// <param name="std">Deviations; null for ImageNet's.</param>
    public static ImagePreprocessing Of(int crop, int resize, string interpolation = "bilinear", bool keepAspect = true, IReadOnlyList<double>? mean = null, IReadOnlyList<double>? std = null) => ImagePreprocessing.ImageNet with
    {
        Height = crop,
        Width = crop,
        ResizeShorterSide = keepAspect ? resize : null,
        ResizeHeight = keepAspect ? null : resize,
        ResizeWidth = keepAspect ? null : resize,
        Interpolation = Enum.TryParse<ImageInterpolation>(interpolation, ignoreCase: true, out var known) ? known : ImageInterpolation.Bilinear,
        Mean = mean ?? ImagePreprocessing.ImageNet.Mean,
        Std = std ?? ImagePreprocessing.ImageNet.Std,
    };
}
