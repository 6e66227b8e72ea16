namespace Attune.Options;

/// <summary>A named set of augmentations.</summary>
public enum AugmentationRecipe
{
    /// <summary>None: training sees what prediction sees. <c>none</c></summary>
    None,

    /// <summary>Random crop of 50 to 100 % of the area, horizontal flip: mild enough for small sets and fine details. <c>light</c></summary>
    Light,

    /// <summary>Random crop of 8 to 100 % of the area, horizontal flip: torchvision's reference recipe for ImageNet (references/classification). <c>standard</c></summary>
    Standard,

    /// <summary><c>standard</c> with RandAugment 2 × 9 (Cubuk et al. 2020, arXiv:1909.13719). <c>rand-augment</c></summary>
    RandAugment,

    /// <summary><c>standard</c> with TrivialAugment Wide (Müller and Hutter 2021, arXiv:2103.10158) and random erasing 0.1, as torchvision's newer recipe. <c>trivial-augment</c></summary>
    TrivialAugment,
}
