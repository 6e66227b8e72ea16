using Attune.Graphs;

namespace Attune.Models.Vision;

/// <summary>Sizes of a <see cref="ResNet"/>.</summary>
/// <param name="Depths">Blocks of the four stages.</param>
/// <param name="InnerWidths">Channels inside the blocks of each stage.</param>
/// <param name="Widths">Channels that the blocks of each stage give.</param>
/// <param name="Bottleneck">1×1, 3×3, 1×1 instead of two 3×3 convolutions.</param>
public sealed record ResNetShape(IReadOnlyList<int> Depths, IReadOnlyList<int> InnerWidths, IReadOnlyList<int> Widths, bool Bottleneck) : VisionShape
{
    /// <summary>Groups of the 3×3 convolutions of bottlenecks (ResNeXt). Default 1.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Channels of the stem's last convolution. Default 64.</summary>
    public int StemWidth { get; init; } = 64;

    /// <summary>Channels of the first two of three 3×3 convolutions in place of the 7×7 one (timm's deep stem); empty (default) for the 7×7.</summary>
    public IReadOnlyList<int> DeepStem { get; init; } = [];

    /// <summary>Shortcuts average 2×2 places before a 1×1 convolution of stride 1 (timm's <c>avg_down</c>). Default false.</summary>
    public bool AverageDown { get; init; }

    /// <summary>Channels between the two layers of timm's squeeze-and-excitation, by stage; empty (default) without.</summary>
    public IReadOnlyList<int> Squeeze { get; init; } = [];

    /// <inheritdoc/>
    public override string Family => "resnet";

    /// <inheritdoc/>
    public override string Library => DeepStem.Count > 0 || AverageDown || Squeeze.Count > 0 ? "timm" : "torchvision";

    /// <inheritdoc/>
    public override string Head => "fc";

    /// <inheritdoc/>
    public override string Sizes => $"depths {List(Depths)}, inner {List(InnerWidths)}, widths {List(Widths)}, {(Bottleneck ? "bottleneck" : "basic")}, groups {Groups}, stem {StemWidth}"
        + (DeepStem.Count > 0 ? $" after {List(DeepStem)}" : "") + (AverageDown ? ", averaging shortcuts" : "") + (Squeeze.Count > 0 ? $", squeeze {List(Squeeze)}" : "");

    /// <inheritdoc/>
    public override Graph Build(WeightSource weights) => ResNet.Build(this, weights);

    /// <summary>torchvision's sizes: widths 64 to 512, four times that after bottlenecks.</summary>
    /// <param name="depths">Blocks of the four stages.</param>
    /// <param name="bottleneck">1×1, 3×3, 1×1 blocks.</param>
    /// <param name="groups">Groups of the 3×3 convolutions.</param>
    /// <param name="groupWidth">Channels of a group in the first stage; 64 with one group is the plain network.</param>
    public static ResNetShape Standard(IReadOnlyList<int> depths, bool bottleneck, int groups = 1, int groupWidth = 64)
    {
        int[] planes = [64, 128, 256, 512];
        return new ResNetShape(depths, [.. planes.Select(p => p * groupWidth / 64 * groups)], [.. planes.Select(p => bottleneck ? 4 * p : p)], bottleneck) { Groups = groups };
    }
}
