using Attune.Graphs;

namespace Attune.Models.Vision;

/// <summary>Sizes of a <see cref="Vgg"/>.</summary>
/// <param name="Stages">Channels of the 3×3 convolutions of each stage; a 2×2 maximum follows each stage.</param>
/// <param name="BatchNorm">Batch normalisation after every convolution.</param>
/// <param name="Hidden">Width of the two hidden layers.</param>
/// <param name="Timm">timm's head of convolutions instead of torchvision's linear layers.</param>
public sealed record VggShape(IReadOnlyList<IReadOnlyList<int>> Stages, bool BatchNorm, int Hidden, bool Timm) : VisionShape
{
    /// <summary>Side of the input. torchvision's head takes 7×7 places; others are averaged to that. Default 224.</summary>
    public int ImageSize { get; init; } = 224;

    /// <inheritdoc/>
    public override string Family => "vgg";

    /// <inheritdoc/>
    public override string Library => Timm ? "timm" : "torchvision";

    /// <inheritdoc/>
    public override string Head => Timm ? "head.fc" : "classifier.6";

    /// <inheritdoc/>
    public override int? FixedImageSize => Timm ? null : ImageSize;

    /// <inheritdoc/>
    public override string Sizes => $"stages {string.Join(" / ", Stages.Select(List))}{(BatchNorm ? ", batch norm" : "")}, hidden {Hidden}{(Timm ? ", convolutional head" : "")}";

    /// <inheritdoc/>
    public override Graph Build(WeightSource weights) => Vgg.Build(this, weights);
}
