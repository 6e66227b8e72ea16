using Attune.Data.Images;
using Attune.Encoding;

namespace Attune.Batching.Augmentation;

/// <summary>One operation of an automatic augmentation: its name, its magnitudes by bin (null: it has none) and whether a magnitude may be negative.</summary>
/// <param name="Name">torchvision's name.</param>
/// <param name="Magnitudes">The magnitude of a bin, given bin, number of bins, height and width.</param>
/// <param name="Signed">Half of the draws are negated.</param>
/// <param name="Apply">Changes the picture in place; takes a magnitude, how to interpolate (nearest, or bilinear for everything else), and a picture for scratch.</param>
internal sealed record AugmentationOperation(string Name, Func<int, int, int, int, double>? Magnitudes, bool Signed, Action<PixelImage, double, ImageInterpolation, PixelImage> Apply)
{
    /// <summary>The 14 operations of RandAugment (Cubuk et al. 2020, arXiv:1909.13719) with torchvision's ranges.</summary>
    public static IReadOnlyList<AugmentationOperation> RandAugment { get; } = Make(0.3, (bin, bins, side) => 150.0 / 331 * side * bin / (bins - 1), 30, 0.9, 4);

    /// <summary>The 14 operations of TrivialAugment Wide (Müller and Hutter 2021, arXiv:2103.10158) with torchvision's ranges.</summary>
    public static IReadOnlyList<AugmentationOperation> TrivialWide { get; } = Make(0.99, (bin, bins, _) => 32.0 * bin / (bins - 1), 135, 0.99, 6);

    private static AugmentationOperation[] Make(double shear, Func<int, int, int, double> translate, double rotate, double color, int posterizedBits)
    {
        Func<int, int, int, int, double> To(double end) => (bin, bins, _, _) => (float)(end * bin / (bins - 1));
        return
        [
            new("Identity", null, false, (_, _, _, _) => { }),
            new("ShearX", To(shear), true, (image, m, how, scratch) => Geometry.Shear(image, m, 0, how, scratch)),
            new("ShearY", To(shear), true, (image, m, how, scratch) => Geometry.Shear(image, 0, m, how, scratch)),
            new("TranslateX", (bin, bins, _, width) => (float)translate(bin, bins, width), true, (image, m, how, scratch) => Geometry.Translate(image, (int)m, 0, how, scratch)),
            new("TranslateY", (bin, bins, height, _) => (float)translate(bin, bins, height), true, (image, m, how, scratch) => Geometry.Translate(image, 0, (int)m, how, scratch)),
            new("Rotate", To(rotate), true, (image, m, how, scratch) => Geometry.Rotate(image, m, how, scratch)),
            new("Brightness", To(color), true, (image, m, _, _) => ColorOperations.Brightness(image, (float)(1 + m))),
            new("Color", To(color), true, (image, m, _, _) => ColorOperations.Saturation(image, (float)(1 + m))),
            new("Contrast", To(color), true, (image, m, _, _) => ColorOperations.Contrast(image, (float)(1 + m))),
            new("Sharpness", To(color), true, (image, m, _, scratch) => ColorOperations.Sharpness(image, (float)(1 + m), scratch)),
            new("Posterize", (bin, bins, _, _) => 8 - Math.Round(bin / ((bins - 1) / (double)posterizedBits), MidpointRounding.ToEven), false, (image, m, _, _) => ColorOperations.Posterize(image, (int)m)),
            new("Solarize", (bin, bins, _, _) => (float)(255.0 - 255.0 * bin / (bins - 1)), false, (image, m, _, _) => ColorOperations.Solarize(image, m)),
            new("AutoContrast", null, false, (image, _, _, _) => ColorOperations.AutoContrast(image)),
            new("Equalize", null, false, (image, _, _, _) => ColorOperations.Equalize(image)),
        ];
    }
}
