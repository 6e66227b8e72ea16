namespace Attune.Options;

/// <summary>
/// How training pictures and texts are varied, each view by randomness of its own (seed, row, view). For pictures the recipe sets the numbers, and a number given here takes its place;
/// names and semantics are torchvision's. Texts are varied only where it is asked for.
/// </summary>
public sealed record AugmentationOptions
{
    /// <summary>The recipe. Default light.</summary>
    public AugmentationRecipe Recipe { get; init; } = AugmentationRecipe.Light;

    /// <summary>Least share of the area that RandomResizedCrop keeps, in (0, 1]; 1 crops only within the aspect ratios. Default: 0.5 (light), 0.08 (torchvision), no random crop (none).</summary>
    public double? CropScale { get; init; }

    /// <summary>Widest aspect ratio of RandomResizedCrop, ≥ 1; the narrowest is its reciprocal. Default 4/3 (torchvision).</summary>
    public double? CropRatio { get; init; }

    /// <summary>Probability of mirroring left and right, in [0, 1]. Default 0.5 (torchvision); 0 for none. Set 0 where sides mean something (digits, letters).</summary>
    public double? HorizontalFlip { get; init; }

    /// <summary>Probability of mirroring top and bottom, in [0, 1]. Default 0.</summary>
    public double? VerticalFlip { get; init; }

    /// <summary>ColorJitter: brightness factor from [max(0, 1 − b), 1 + b]. Default 0.</summary>
    public double? Brightness { get; init; }

    /// <summary>ColorJitter: contrast factor from [max(0, 1 − c), 1 + c]. Default 0.</summary>
    public double? Contrast { get; init; }

    /// <summary>ColorJitter: saturation factor from [max(0, 1 − s), 1 + s]. Default 0.</summary>
    public double? Saturation { get; init; }

    /// <summary>ColorJitter: hue turned by [−h, h] of the circle, h in [0, 0.5]. Default 0.</summary>
    public double? Hue { get; init; }

    /// <summary>Probability of dropping the colours, in [0, 1]. Default 0.</summary>
    public double? Grayscale { get; init; }

    /// <summary>Probability of GaussianBlur with σ from [0.1, 2] and a kernel of a tenth of the height (Chen et al. 2020, arXiv:2002.05709), in [0, 1]. Default 0.</summary>
    public double? Blur { get; init; }

    /// <summary>Operations of RandAugment in a row, 0 to 10. Default 2 with rand-augment (torchvision), else 0.</summary>
    public int? RandAugmentOperations { get; init; }

    /// <summary>Magnitude of RandAugment, 0 to 30. Default 9 (torchvision).</summary>
    public int? RandAugmentMagnitude { get; init; }

    /// <summary>Probability of RandomErasing (Zhong et al. 2017, arXiv:1708.04896): a rectangle of 2 to 33 % of the area becomes 0 after normalisation; in [0, 1]. Default 0.1 with trivial-augment, else 0.</summary>
    public double? Erasing { get; init; }

    /// <summary>α of mixup's Beta(α, α) (Zhang et al. 2017, arXiv:1710.09412); 0 switches it off. Default 0 (torchvision's newer recipe uses 0.2).</summary>
    public double Mixup { get; init; }

    /// <summary>α of CutMix's Beta(α, α) (Yun et al. 2019, arXiv:1905.04899); 0 switches it off. With both, each micro-batch draws one of the two. Default 0 (torchvision's newer recipe uses 1).</summary>
    public double Cutmix { get; init; }

    /// <summary>Chance of each word of a training text to be left out, in [0, 1); one word always stays. Default 0 (Wei and Zou 2019, arXiv:1901.11196, recommend 0.05 for small data and 0.1 at most).</summary>
    public double WordDeletion { get; init; }

    /// <summary>Swaps of two words for each word of a training text, in [0, 1). Default 0 (Wei and Zou: 0.05 to 0.1).</summary>
    public double WordSwap { get; init; }

    /// <summary>A file of words that may stand for each other: a group a line, its words separated by commas. Default none.</summary>
    public string? Synonyms { get; init; }

    /// <summary>Chance of each word that the list holds to be replaced by one of its synonyms, in (0, 1]. Default 0.1 (Wei and Zou).</summary>
    public double SynonymShare { get; init; } = 0.1;

    /// <summary>Chance of each token of a training text to be replaced (<see cref="MaskWith"/>), in [0, 1); one always stays. Default 0.</summary>
    public double WordMasking { get; init; }

    /// <summary>
    /// What replaces tokens with <c>augmentation.word-masking</c>: <c>mask-token</c>; <c>model</c>, guesses of the starting model's own masked language model (Wu et al. 2019, arXiv:1812.06705, without labels); <c>auto</c> (default), guesses
    /// where the model has a head for hidden words, else the mask token. The run says which.
    /// </summary>
    public string MaskWith { get; init; } = "auto";

    /// <summary>True when training texts are varied.</summary>
    internal bool VariesTexts => WordDeletion > 0 || WordSwap > 0 || Synonyms is not null || WordMasking > 0;

    internal void Validate(Problems problems)
    {
        problems.InRange(0, 1, WordDeletion, "augmentation.word-deletion");
        problems.InRange(0, 1, WordSwap, "augmentation.word-swap");
        problems.InRange(0, 1, WordMasking, "augmentation.word-masking");
        if (!(SynonymShare is > 0 and <= 1)) problems.Add("augmentation.synonym-share", FormattableString.Invariant($"has to be above 0 and at most 1; got {SynonymShare}."));
        if (SynonymShare != new AugmentationOptions().SynonymShare && Synonyms is null) problems.Add("augmentation.synonym-share", "belongs to augmentation.synonyms, which names no file. Remove it, or name one.");
        problems.OneOf(["auto", "mask-token", "model"], MaskWith, "augmentation.mask-with");
        if (MaskWith != "auto" && WordMasking == 0) problems.Add("augmentation.mask-with", "belongs to augmentation.word-masking, which is 0. Remove it, or say how many words are replaced.");
        if (CropScale is not null and not (> 0 and <= 1)) problems.Add("augmentation.crop-scale", FormattableString.Invariant($"has to be above 0 and at most 1; got {CropScale}."));
        problems.AtLeast(1, CropRatio, "augmentation.crop-ratio");
        Share(problems, HorizontalFlip, "horizontal-flip");
        Share(problems, VerticalFlip, "vertical-flip");
        problems.AtLeast(0, Brightness, "augmentation.brightness");
        problems.AtLeast(0, Contrast, "augmentation.contrast");
        problems.AtLeast(0, Saturation, "augmentation.saturation");
        if (Hue is not null and not (>= 0 and <= 0.5)) problems.Add("augmentation.hue", FormattableString.Invariant($"has to lie between 0 and 0.5; got {Hue}."));
        Share(problems, Grayscale, "grayscale");
        Share(problems, Blur, "blur");
        problems.InRange(0, 11, RandAugmentOperations, "augmentation.rand-augment-operations");
        problems.InRange(0, 31, RandAugmentMagnitude, "augmentation.rand-augment-magnitude");
        Share(problems, Erasing, "erasing");
        problems.AtLeast(0, Mixup, "augmentation.mixup");
        problems.AtLeast(0, Cutmix, "augmentation.cutmix");
    }

    private static void Share(Problems problems, double? value, string name)
    {
        if (value is not null and not (>= 0 and <= 1)) problems.Add($"augmentation.{name}", FormattableString.Invariant($"has to lie between 0 and 1; got {value}."));
    }
}
