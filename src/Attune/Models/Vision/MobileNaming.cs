namespace Attune.Models.Vision;

/// <summary>Whose parameter names a network of inverted residual blocks has; they also settle its head.</summary>
public enum MobileNaming
{
    /// <summary>torchvision's MobileNetV2.</summary>
    MobileNetV2,

    /// <summary>torchvision's MobileNetV3.</summary>
    MobileNetV3,

    /// <summary>torchvision's EfficientNet V1 and V2.</summary>
    EfficientNet,

    /// <summary>timm's EfficientNet and MobileNetV2: convolution, mean, classifier.</summary>
    Timm,

    /// <summary>timm's MobileNetV3: mean, convolution with bias, classifier.</summary>
    TimmV3,
}
