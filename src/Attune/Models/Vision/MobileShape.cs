using Attune.Graphs;

namespace Attune.Models.Vision;

/// <summary>Sizes of a network of inverted residual blocks: <see cref="MobileNetV2"/>, <see cref="MobileNetV3"/>, <see cref="EfficientNet"/> and timm's <see cref="TimmMobile"/>.</summary>
/// <param name="Naming">Whose names.</param>
/// <param name="StemWidth">Channels of the first convolution.</param>
/// <param name="Stages">Blocks by stage.</param>
/// <param name="HeadWidth">Channels of the last convolution.</param>
/// <param name="Activation">Activation of stem and head.</param>
public sealed record MobileShape(MobileNaming Naming, int StemWidth, IReadOnlyList<IReadOnlyList<InvertedBlock>> Stages, int HeadWidth, string Activation) : VisionShape
{
    /// <summary>Width of the hidden layer before torchvision's MobileNetV3 classifier; 0 (default) without.</summary>
    public int HiddenWidth { get; init; }

    /// <summary>ε of batch normalisation. Default 1e-5.</summary>
    public float Epsilon { get; init; } = 1e-5f;

    /// <summary>Pads like TensorFlow's SAME (timm's <c>tf_</c> models). Default false.</summary>
    public bool SamePadding { get; init; }

    /// <inheritdoc/>
    public override string Family => Naming switch
    {
        MobileNaming.MobileNetV2 => "mobilenet_v2",
        MobileNaming.MobileNetV3 or MobileNaming.TimmV3 => "mobilenet_v3",
        MobileNaming.Timm when Activation != "silu" => "mobilenet_v2",
        _ => "efficientnet",
    };

    /// <inheritdoc/>
    public override string Library => Naming is MobileNaming.Timm or MobileNaming.TimmV3 ? "timm" : "torchvision";

    /// <inheritdoc/>
    public override string Head => Naming switch
    {
        MobileNaming.MobileNetV2 or MobileNaming.EfficientNet => "classifier.1",
        MobileNaming.MobileNetV3 => "classifier.3",
        _ => "classifier",
    };

    /// <inheritdoc/>
    public override string Sizes => $"{Naming}, stem {StemWidth}, {string.Join("; ", Stages.Select(s => string.Join(", ", s)))}, head {HeadWidth}{(HiddenWidth > 0 ? $", hidden {HiddenWidth}" : "")}";

    /// <inheritdoc/>
    public override Graph Build(WeightSource weights) => Naming switch
    {
        MobileNaming.MobileNetV2 => MobileNetV2.Build(this, weights),
        MobileNaming.MobileNetV3 => MobileNetV3.Build(this, weights),
        MobileNaming.EfficientNet => EfficientNet.Build(this, weights),
        _ => TimmMobile.Build(this, weights),
    };
}
