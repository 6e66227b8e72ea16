using Attune.Graphs;

namespace Attune.Models.Vision;

/// <summary>Sizes of a <see cref="ConvNext"/>.</summary>
/// <param name="Depths">Blocks of each stage.</param>
/// <param name="Widths">Channels of each stage.</param>
/// <param name="Timm">timm's names instead of torchvision's.</param>
public sealed record ConvNextShape(IReadOnlyList<int> Depths, IReadOnlyList<int> Widths, bool Timm) : VisionShape
{
    /// <summary>Side and step of the stem's kernel. Default 4.</summary>
    public int Patch { get; init; } = 4;

    /// <summary>Side of the depthwise kernels. Default 7.</summary>
    public int Kernel { get; init; } = 7;

    /// <summary>Channels inside a block over its channels. Default 4.</summary>
    public int Expansion { get; init; } = 4;

    /// <summary>The layers inside a block are stored as 1×1 convolutions (timm's smallest sizes). Default false.</summary>
    public bool ConvolutionalMlp { get; init; }

    /// <summary>A learned scale per channel at the end of each block (V1). Default true.</summary>
    public bool LayerScale { get; init; } = true;

    /// <summary>Global response normalisation inside each block (V2). Default false.</summary>
    public bool ResponseNorm { get; init; }

    /// <inheritdoc/>
    public override string Family => "convnext";

    /// <inheritdoc/>
    public override string Library => Timm ? "timm" : "torchvision";

    /// <inheritdoc/>
    public override string Head => Timm ? "head.fc" : "classifier.2";

    /// <inheritdoc/>
    public override string Sizes => $"depths {List(Depths)}, widths {List(Widths)}, patch {Patch}, kernel {Kernel}, expansion {Expansion}{(LayerScale ? ", layer scale" : "")}{(ResponseNorm ? ", response norm" : "")}"
        + $"{(ConvolutionalMlp ? ", convolutional" : "")}{(Timm ? ", timm" : "")}";

    /// <inheritdoc/>
    public override Graph Build(WeightSource weights) => ConvNext.Build(this, weights);
}
