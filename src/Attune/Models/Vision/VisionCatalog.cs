using Attune.Encoding;

namespace Attune.Models.Vision;

/// <summary>Every image network that can be named, alphabetically, with upstream's sizes and preprocessing. All take 3 × H × W images and were made for 1,000 classes.</summary>
public static class VisionCatalog
{
    private static readonly int[] _tiny = [3, 3, 9, 3], _deep = [3, 3, 27, 3], _atto = [2, 2, 6, 2];

    /// <summary>The entries.</summary>
    public static IReadOnlyList<VisionEntry> All { get; } =
    [
        new("convnext_atto", "ConvNeXt of 3.7 M parameters (timm).", new ConvNextShape(_atto, [40, 80, 160, 320], true) { ConvolutionalMlp = true }, At(224, 256, "bicubic")),
        new("convnext_base", "ConvNeXt of 89 M parameters.", new ConvNextShape(_deep, [128, 256, 512, 1024], false), At(224, 232)),
        new("convnext_large", "ConvNeXt of 198 M parameters.", new ConvNextShape(_deep, [192, 384, 768, 1536], false), At(224, 232)),
        new("convnext_small", "ConvNeXt of 50 M parameters.", new ConvNextShape(_deep, [96, 192, 384, 768], false), At(224, 230)),
        new("convnext_tiny", "ConvNeXt of 29 M parameters.", new ConvNextShape(_tiny, [96, 192, 384, 768], false), At(224, 236)),
        new("convnextv2_atto", "ConvNeXt V2 of 3.7 M parameters (timm).", new ConvNextShape(_atto, [40, 80, 160, 320], true) { ConvolutionalMlp = true, LayerScale = false, ResponseNorm = true }, At(224, 256, "bicubic")),
        new("convnextv2_tiny", "ConvNeXt V2 of 29 M parameters (timm).", new ConvNextShape(_tiny, [96, 192, 384, 768], true) { LayerScale = false, ResponseNorm = true }, At(224, 256, "bicubic")),
        new("densenet121", "DenseNet of 8 M parameters.", new DenseNetShape([6, 12, 24, 16], 32, 64, 128), At(224, 256)),
        new("densenet161", "DenseNet of 29 M parameters.", new DenseNetShape([6, 12, 36, 24], 48, 96, 192), At(224, 256)),
        new("densenet169", "DenseNet of 14 M parameters.", new DenseNetShape([6, 12, 32, 32], 32, 64, 128), At(224, 256)),
        new("densenet201", "DenseNet of 20 M parameters.", new DenseNetShape([6, 12, 48, 32], 32, 64, 128), At(224, 256)),
        new("efficientnet_b0", "EfficientNet of 5.3 M parameters.", EfficientNet.Standard(1.0, 1.0, 0.2), At(224, 256, "bicubic")),
        new("efficientnet_b1", "EfficientNet of 7.8 M parameters.", EfficientNet.Standard(1.0, 1.1, 0.2), At(240, 255)),
        new("efficientnet_b2", "EfficientNet of 9.1 M parameters.", EfficientNet.Standard(1.1, 1.2, 0.3), At(288, 288, "bicubic")),
        new("efficientnet_b3", "EfficientNet of 12 M parameters.", EfficientNet.Standard(1.2, 1.4, 0.3), At(300, 320, "bicubic")),
        new("efficientnet_b4", "EfficientNet of 19 M parameters.", EfficientNet.Standard(1.4, 1.8, 0.4), At(380, 384, "bicubic")),
        new("efficientnet_b5", "EfficientNet of 30 M parameters.", EfficientNet.Standard(1.6, 2.2, 0.4, 1e-3f), At(456, 456, "bicubic")),
        new("efficientnet_b6", "EfficientNet of 43 M parameters.", EfficientNet.Standard(1.8, 2.6, 0.5, 1e-3f), At(528, 528, "bicubic")),
        new("efficientnet_b7", "EfficientNet of 66 M parameters.", EfficientNet.Standard(2.0, 3.1, 0.5, 1e-3f), At(600, 600, "bicubic")),
        new("efficientnet_v2_l", "EfficientNet V2 of 119 M parameters.", EfficientNet.Second("l", 0.4), At(480, 480, "bicubic") with { Mean = [0.5], Std = [0.5] }),
        new("efficientnet_v2_m", "EfficientNet V2 of 54 M parameters.", EfficientNet.Second("m", 0.3), At(480, 480)),
        new("efficientnet_v2_s", "EfficientNet V2 of 21 M parameters.", EfficientNet.Second("s", 0.2), At(384, 384)),
        new("mobilenet_v2", "MobileNetV2 of 3.5 M parameters.", MobileNetV2.Standard(), At(224, 232)),
        new("mobilenet_v3_large", "MobileNetV3 of 5.5 M parameters.", MobileNetV3.Standard(large: true), At(224, 232)),
        new("mobilenet_v3_small", "MobileNetV3 of 2.5 M parameters.", MobileNetV3.Standard(large: false), At(224, 256)),
        new("regnet_x_16gf", "RegNetX of 54 M parameters.", RegNetShape.ByRule(22, 216, 55.59, 2.1, 128, squeeze: false), At(224, 232)),
        new("regnet_x_1_6gf", "RegNetX of 9.2 M parameters.", RegNetShape.ByRule(18, 80, 34.01, 2.25, 24, squeeze: false), At(224, 232)),
        new("regnet_x_32gf", "RegNetX of 108 M parameters.", RegNetShape.ByRule(23, 320, 69.86, 2.0, 168, squeeze: false), At(224, 232)),
        new("regnet_x_3_2gf", "RegNetX of 15 M parameters.", RegNetShape.ByRule(25, 88, 26.31, 2.25, 48, squeeze: false), At(224, 232)),
        new("regnet_x_400mf", "RegNetX of 5.5 M parameters.", RegNetShape.ByRule(22, 24, 24.48, 2.54, 16, squeeze: false), At(224, 232)),
        new("regnet_x_800mf", "RegNetX of 7.3 M parameters.", RegNetShape.ByRule(16, 56, 35.73, 2.28, 16, squeeze: false), At(224, 232)),
        new("regnet_x_8gf", "RegNetX of 40 M parameters.", RegNetShape.ByRule(23, 80, 49.56, 2.88, 120, squeeze: false), At(224, 232)),
        new("regnet_y_16gf", "RegNetY of 84 M parameters.", RegNetShape.ByRule(18, 200, 106.23, 2.48, 112, squeeze: true), At(224, 232)),
        new("regnet_y_1_6gf", "RegNetY of 11 M parameters.", RegNetShape.ByRule(27, 48, 20.71, 2.65, 24, squeeze: true), At(224, 232)),
        new("regnet_y_32gf", "RegNetY of 145 M parameters.", RegNetShape.ByRule(20, 232, 115.89, 2.53, 232, squeeze: true), At(224, 232)),
        new("regnet_y_3_2gf", "RegNetY of 19 M parameters.", RegNetShape.ByRule(21, 80, 42.63, 2.66, 24, squeeze: true), At(224, 232)),
        new("regnet_y_400mf", "RegNetY of 4.3 M parameters.", RegNetShape.ByRule(16, 48, 27.89, 2.09, 8, squeeze: true), At(224, 232)),
        new("regnet_y_800mf", "RegNetY of 6.4 M parameters.", RegNetShape.ByRule(14, 56, 38.84, 2.4, 16, squeeze: true), At(224, 232)),
        new("regnet_y_8gf", "RegNetY of 39 M parameters.", RegNetShape.ByRule(17, 192, 76.82, 2.19, 56, squeeze: true), At(224, 232)),
        new("resnet101", "ResNet of 45 M parameters.", ResNetShape.Standard([3, 4, 23, 3], bottleneck: true), At(224, 232)),
        new("resnet152", "ResNet of 60 M parameters.", ResNetShape.Standard([3, 8, 36, 3], bottleneck: true), At(224, 232)),
        new("resnet18", "ResNet of 12 M parameters.", ResNetShape.Standard([2, 2, 2, 2], bottleneck: false), At(224, 256)),
        new("resnet26d", "ResNet of 16 M parameters with deep stem and averaging shortcuts (timm).", ResNetShape.Standard([2, 2, 2, 2], bottleneck: true) with { DeepStem = [32, 32], AverageDown = true }, At(224, 256, "bicubic")),
        new("resnet34", "ResNet of 22 M parameters.", ResNetShape.Standard([3, 4, 6, 3], bottleneck: false), At(224, 256)),
        new("resnet50", "ResNet of 26 M parameters.", ResNetShape.Standard([3, 4, 6, 3], bottleneck: true), At(224, 232)),
        new("resnext101_32x8d", "ResNeXt of 89 M parameters.", ResNetShape.Standard([3, 4, 23, 3], bottleneck: true, 32, 8), At(224, 232)),
        new("resnext101_64x4d", "ResNeXt of 83 M parameters.", ResNetShape.Standard([3, 4, 23, 3], bottleneck: true, 64, 4), At(224, 232)),
        new("resnext50_32x4d", "ResNeXt of 25 M parameters.", ResNetShape.Standard([3, 4, 6, 3], bottleneck: true, 32, 4), At(224, 232)),
        new("vgg11", "VGG of 133 M parameters.", VggOf([[64], [128], [256, 256], [512, 512], [512, 512]], norm: false), At(224, 256)),
        new("vgg11_bn", "VGG of 133 M parameters with batch norm.", VggOf([[64], [128], [256, 256], [512, 512], [512, 512]], norm: true), At(224, 256)),
        new("vgg13", "VGG of 133 M parameters.", VggOf([[64, 64], [128, 128], [256, 256], [512, 512], [512, 512]], norm: false), At(224, 256)),
        new("vgg13_bn", "VGG of 133 M parameters with batch norm.", VggOf([[64, 64], [128, 128], [256, 256], [512, 512], [512, 512]], norm: true), At(224, 256)),
        new("vgg16", "VGG of 138 M parameters.", VggOf([[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]], norm: false), At(224, 256)),
        new("vgg16_bn", "VGG of 138 M parameters with batch norm.", VggOf([[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]], norm: true), At(224, 256)),
        new("vgg19", "VGG of 144 M parameters.", VggOf([[64, 64], [128, 128], [256, 256, 256, 256], [512, 512, 512, 512], [512, 512, 512, 512]], norm: false), At(224, 256)),
        new("vgg19_bn", "VGG of 144 M parameters with batch norm.", VggOf([[64, 64], [128, 128], [256, 256, 256, 256], [512, 512, 512, 512], [512, 512, 512, 512]], norm: true), At(224, 256)),
        new("vit_b_16", "Vision transformer of 87 M parameters, patches of 16.", new VitShape(VitNaming.Torchvision, 224, 16, 768, 12, 12, 3072), At(224, 256)),
        new("vit_b_32", "Vision transformer of 88 M parameters, patches of 32.", new VitShape(VitNaming.Torchvision, 224, 32, 768, 12, 12, 3072), At(224, 256)),
        new("vit_base_patch16_224", "Vision transformer of 87 M parameters, patches of 16 (timm).", new VitShape(VitNaming.Timm, 224, 16, 768, 12, 12, 3072), Half(224, 248)),
        new("vit_h_14", "Vision transformer of 633 M parameters, patches of 14.", new VitShape(VitNaming.Torchvision, 518, 14, 1280, 32, 16, 5120), At(518, 518, "bicubic")),
        new("vit_l_16", "Vision transformer of 304 M parameters, patches of 16.", new VitShape(VitNaming.Torchvision, 224, 16, 1024, 24, 16, 4096), At(224, 242)),
        new("vit_l_32", "Vision transformer of 307 M parameters, patches of 32.", new VitShape(VitNaming.Torchvision, 224, 32, 1024, 24, 16, 4096), At(224, 256)),
        new("vit_small_patch16_224", "Vision transformer of 22 M parameters, patches of 16 (timm).", new VitShape(VitNaming.Timm, 224, 16, 384, 12, 6, 1536), Half(224, 248)),
        new("vit_tiny_patch16_224", "Vision transformer of 5.7 M parameters, patches of 16 (timm).", new VitShape(VitNaming.Timm, 224, 16, 192, 12, 3, 768), Half(224, 248)),
        new("wide_resnet101_2", "ResNet of 127 M parameters with twice the inner widths.", ResNetShape.Standard([3, 4, 23, 3], bottleneck: true, 1, 128), At(224, 232)),
        new("wide_resnet50_2", "ResNet of 69 M parameters with twice the inner widths.", ResNetShape.Standard([3, 4, 6, 3], bottleneck: true, 1, 128), At(224, 232)),
    ];

    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(e => e.Name)];

    /// <summary>The families.</summary>
    public static IReadOnlyList<string> Families { get; } = [.. All.Select(e => e.Shape.Family).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The entry of a name, or null.</summary>
    public static VisionEntry? Find(string? name) => All.FirstOrDefault(e => e.Name == name);

    /// <summary>The entry whose sizes are the same, whatever its classes; null when none is. Naming counts: timm's EfficientNet is none of torchvision's.</summary>
    public static VisionEntry? WithSizes(VisionShape shape) => All.FirstOrDefault(e => e.Shape.Family == shape.Family && e.Shape.Sizes == shape.Sizes);

    /// <summary>The longest name that a file's name begins with, or null.</summary>
    internal static string? Longest(string stem) => Names.Where(n => stem.StartsWith(n, StringComparison.Ordinal)).MaxBy(n => n.Length);

    private static ImagePreprocessing At(int crop, int resize, string interpolation = "bilinear") => VisionPreprocessing.Of(crop, resize, interpolation);

    private static ImagePreprocessing Half(int crop, int resize) => At(crop, resize, "bicubic") with { Mean = [0.5], Std = [0.5] };

    private static VggShape VggOf(IReadOnlyList<IReadOnlyList<int>> stages, bool norm) => new(stages, norm, 4096, false) { Dropout = 0.5 };
}
