using Attune.Options;

namespace Attune.Batching.Augmentation;

/// <summary>Every number of an augmentation, after the recipe has filled in what the options leave open.</summary>
internal sealed record AugmentationPlan
{
    public double? CropScale { get; init; }

    public double CropRatio { get; init; } = 4.0 / 3;

    public double HorizontalFlip { get; init; }

    public double VerticalFlip { get; init; }

    public double Brightness { get; init; }

    public double Contrast { get; init; }

    public double Saturation { get; init; }

    public double Hue { get; init; }

    public double Grayscale { get; init; }

    public double Blur { get; init; }

    public int RandAugmentOperations { get; init; }

    public int RandAugmentMagnitude { get; init; } = 9;

    public bool TrivialAugment { get; init; }

    public double Erasing { get; init; }

    /// <summary>The plan of some options.</summary>
    public static AugmentationPlan Of(AugmentationOptions options)
    {
        var recipe = Recipe(options.Recipe);
        return recipe with
        {
            CropScale = options.CropScale ?? recipe.CropScale,
            CropRatio = options.CropRatio ?? recipe.CropRatio,
            HorizontalFlip = options.HorizontalFlip ?? recipe.HorizontalFlip,
            VerticalFlip = options.VerticalFlip ?? recipe.VerticalFlip,
            Brightness = options.Brightness ?? recipe.Brightness,
            Contrast = options.Contrast ?? recipe.Contrast,
            Saturation = options.Saturation ?? recipe.Saturation,
            Hue = options.Hue ?? recipe.Hue,
            Grayscale = options.Grayscale ?? recipe.Grayscale,
            Blur = options.Blur ?? recipe.Blur,
            RandAugmentOperations = options.RandAugmentOperations ?? recipe.RandAugmentOperations,
            RandAugmentMagnitude = options.RandAugmentMagnitude ?? recipe.RandAugmentMagnitude,
            Erasing = options.Erasing ?? recipe.Erasing,
        };
    }

    /// <summary>True when nothing is random.</summary>
    public bool IsNone => this == new AugmentationPlan { CropRatio = CropRatio, RandAugmentMagnitude = RandAugmentMagnitude };

    private static AugmentationPlan Recipe(AugmentationRecipe recipe)
    {
        var standard = new AugmentationPlan { CropScale = 0.08, HorizontalFlip = 0.5 };
        return recipe switch
        {
            AugmentationRecipe.None => new AugmentationPlan(),
            AugmentationRecipe.Light => standard with { CropScale = 0.5 },
            AugmentationRecipe.RandAugment => standard with { RandAugmentOperations = 2 },
            AugmentationRecipe.TrivialAugment => standard with { TrivialAugment = true, Erasing = 0.1 },
            _ => standard,
        };
    }
}
