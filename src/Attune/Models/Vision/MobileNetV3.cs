using Attune.Graphs;

namespace Attune.Models.Vision;

/// <summary>MobileNetV3 large and small (Howard et al. 2019, arXiv:1905.02244) under torchvision's names. ε of batch normalisation is 1e-3.</summary>
public static class MobileNetV3
{
    // kernel, channels inside, channels out, gates, hard swish, stride
    private static readonly (int Kernel, int Expanded, int Width, bool Squeeze, bool Hard, int Stride)[] _large =
    [
        (3, 16, 16, false, false, 1), (3, 64, 24, false, false, 2), (3, 72, 24, false, false, 1), (5, 72, 40, true, false, 2), (5, 120, 40, true, false, 1), (5, 120, 40, true, false, 1),
        (3, 240, 80, false, true, 2), (3, 200, 80, false, true, 1), (3, 184, 80, false, true, 1), (3, 184, 80, false, true, 1), (3, 480, 112, true, true, 1), (3, 672, 112, true, true, 1),
        (5, 672, 160, true, true, 2), (5, 960, 160, true, true, 1), (5, 960, 160, true, true, 1),
    ];

    private static readonly (int Kernel, int Expanded, int Width, bool Squeeze, bool Hard, int Stride)[] _small =
    [
        (3, 16, 16, true, false, 2), (3, 72, 24, false, false, 2), (3, 88, 24, false, false, 1), (5, 96, 40, true, true, 2), (5, 240, 40, true, true, 1), (5, 240, 40, true, true, 1),
        (5, 120, 48, true, true, 1), (5, 144, 48, true, true, 1), (5, 288, 96, true, true, 2), (5, 576, 96, true, true, 1), (5, 576, 96, true, true, 1),
    ];

    /// <summary>Builds the graph.</summary>
    /// <param name="shape">Sizes, with <see cref="MobileNaming.MobileNetV3"/>.</param>
    /// <param name="weights">Where the weights come from.</param>
    /// <exception cref="WeightsException">The weights do not fit.</exception>
    public static Graph Build(MobileShape shape, WeightSource weights)
    {
        var (g, x) = ImageLayers.Begin("mobilenet_v3");
        var n = new ImageLayers(g, weights) { Epsilon = shape.Epsilon, LinearStart = _ => Start.Normal(0.01) };
        var index = 0;
        x = MobileLayers.ConvNorm(n, x, $"features.{index++}", shape.StemWidth, shape.Activation, kernel: 3, stride: 2);
        foreach (var block in shape.Stages.SelectMany(s => s)) x = MobileLayers.Block(n, x, $"features.{index++}.block", block, "relu", hardGate: true);
        x = n.Pool(MobileLayers.ConvNorm(n, x, $"features.{index}", shape.HeadWidth, shape.Activation));
        x = n.Dropout(n.Activate(n.Linear(x, "classifier.0", shape.HiddenWidth), shape.Activation), shape.Dropout);
        return n.End(n.Linear(x, "classifier.3", shape.Classes));
    }

    /// <summary>torchvision's sizes.</summary>
    /// <param name="large">15 blocks instead of 11.</param>
    public static MobileShape Standard(bool large)
    {
        var width = 16;
        var stages = new List<IReadOnlyList<InvertedBlock>>();
        foreach (var row in large ? _large : _small)
        {
            var squeeze = row.Squeeze ? RegNetShape.MakeDivisible(row.Expanded / 4, 8) : 0;
            stages.Add([new InvertedBlock(row.Expanded == width ? InvertedBlockKind.Separable : InvertedBlockKind.Inverted, row.Kernel, row.Stride, row.Expanded, row.Width, squeeze, row.Hard ? "hardswish" : "relu")]);
            width = row.Width;
        }
        return new MobileShape(MobileNaming.MobileNetV3, 16, stages, 6 * width, "hardswish") { HiddenWidth = large ? 1280 : 1024, Epsilon = 1e-3f, Dropout = 0.2 };
    }

    /// <summary>The sizes of a checkpoint of this family, or null when it is another. The number of blocks tells which table holds strides and activations.</summary>
    internal static MobileShape? Detect(CheckpointKeys keys)
    {
        if (!keys.Has("features.1.block.0.0.weight") || !keys.Has("classifier.3.weight")) return null;
        var count = keys.Count("features.#.block.0.0.weight", first: 1);
        if (count != _large.Length && count != _small.Length)
            throw new WeightsException($"The checkpoint looks like a MobileNetV3 of torchvision, but has {count} blocks; large has {_large.Length} and small {_small.Length}, and the strides of others are not known.");
        var table = count == _large.Length ? _large : _small;
        return new MobileShape(MobileNaming.MobileNetV3, keys.Size("features.0.0.weight"),
            [.. table.Select((row, i) => (IReadOnlyList<InvertedBlock>)[MobileLayers.Detect(keys, $"features.{i + 1}.block", row.Stride, row.Hard ? "hardswish" : "relu")])],
            keys.Size($"features.{count + 1}.0.weight"), "hardswish")
        {
            HiddenWidth = keys.Size("classifier.0.weight"),
            Epsilon = 1e-3f,
            Classes = keys.Size("classifier.3.weight"),
            Dropout = 0.2,
        };
    }
}
