using Attune.Graphs;

namespace Attune.Models.Vision;

/// <summary>MobileNetV2 (Sandler et al. 2018, arXiv:1801.04381) under torchvision's names.</summary>
public static class MobileNetV2
{
    /// <summary>Builds the graph.</summary>
    /// <param name="shape">Sizes, with <see cref="MobileNaming.MobileNetV2"/>.</param>
    /// <param name="weights">Where the weights come from.</param>
    /// <exception cref="WeightsException">The weights do not fit.</exception>
    public static Graph Build(MobileShape shape, WeightSource weights)
    {
        var (g, x) = ImageLayers.Begin("mobilenet_v2");
        var n = new ImageLayers(g, weights) { Epsilon = shape.Epsilon, LinearStart = _ => Start.Normal(0.01) };
        var index = 0;
        x = MobileLayers.ConvNorm(n, x, $"features.{index++}", shape.StemWidth, shape.Activation, kernel: 3, stride: 2);
        foreach (var block in shape.Stages.SelectMany(s => s)) x = Block(n, x, $"features.{index++}.conv", block);
        x = MobileLayers.ConvNorm(n, x, $"features.{index}", shape.HeadWidth, shape.Activation);
        return n.End(n.Linear(n.Dropout(n.Pool(x), shape.Dropout), "classifier.1", shape.Classes));
    }

    // The last convolution and its norm stand beside each other instead of inside a pair.
    private static FeatureMap Block(ImageLayers n, FeatureMap x, string p, InvertedBlock block)
    {
        var (y, i) = (x, 0);
        if (block.Kind == InvertedBlockKind.Inverted) y = MobileLayers.ConvNorm(n, y, $"{p}.{i++}", block.Expanded, block.Activation);
        y = MobileLayers.ConvNorm(n, y, $"{p}.{i++}", block.Expanded, block.Activation, block.Kernel, block.Stride, groups: block.Expanded);
        y = n.BatchNorm(n.Conv(y, $"{p}.{i}", block.Width), $"{p}.{i + 1}");
        return MobileLayers.Shortcut(n, x, y, block);
    }

    /// <summary>torchvision's sizes, every width times <paramref name="multiplier"/> and rounded to 8.</summary>
    public static MobileShape Standard(double multiplier = 1)
    {
        (int Expand, int Width, int Depth)[] table = [(1, 16, 1), (6, 24, 2), (6, 32, 3), (6, 64, 4), (6, 96, 3), (6, 160, 3), (6, 320, 1)];
        var stem = RegNetShape.MakeDivisible(32 * multiplier, 8);
        var stages = new List<IReadOnlyList<InvertedBlock>>();
        var width = stem;
        foreach (var ((expand, to, depth), stride) in table.Zip(MobileLayers.Strides))
        {
            var blocks = new List<InvertedBlock>();
            for (var i = 0; i < depth; i++)
            {
                blocks.Add(new InvertedBlock(expand == 1 ? InvertedBlockKind.Separable : InvertedBlockKind.Inverted, 3, i == 0 ? stride : 1, width * expand, RegNetShape.MakeDivisible(to * multiplier, 8), 0, "relu6"));
                width = blocks[i].Width;
            }
            stages.Add(blocks);
        }
        return new MobileShape(MobileNaming.MobileNetV2, stem, stages, RegNetShape.MakeDivisible(1280 * Math.Max(1, multiplier), 8), "relu6") { Dropout = 0.2 };
    }

    /// <summary>
    /// The sizes of a checkpoint of this family, or null when it is another. Where a stage begins, which tells the stride, follows from the standard table for 17 blocks,
    /// from the options, or else from the widths: blocks of equal kind and width form a stage.
    /// </summary>
    internal static MobileShape? Detect(CheckpointKeys keys)
    {
        if (!keys.Has("features.1.conv.0.0.weight") || !keys.Has("classifier.1.weight")) return null;
        var blocks = Enumerable.Range(1, keys.Count("features.#.conv.0.0.weight", first: 1)).Select(i => Detect(keys, $"features.{i}.conv")).ToList();
        var depths = keys.Options.Depths ?? (blocks.Count == 17 ? [1, 2, 3, 4, 3, 3, 1] : Runs(blocks));
        if (depths.Sum() != blocks.Count) throw new WeightsException($"The checkpoint looks like a MobileNetV2 of {blocks.Count} blocks; depths of {string.Join(" + ", depths)} were stated.");
        var stages = new List<IReadOnlyList<InvertedBlock>>();
        foreach (var depth in depths)
        {
            var stride = stages.Count < MobileLayers.Strides.Length ? MobileLayers.Strides[stages.Count] : 1;
            stages.Add([.. blocks.Take(depth).Select((b, i) => b with { Stride = i == 0 ? stride : 1 })]);
            blocks.RemoveRange(0, depth);
        }
        return new MobileShape(MobileNaming.MobileNetV2, keys.Size("features.0.0.weight"), stages, keys.Size($"features.{depths.Sum() + 1}.0.weight"), "relu6")
        {
            Epsilon = (float)(keys.Options.BatchNormEpsilon ?? 1e-5),
            Classes = keys.Size("classifier.1.weight"),
            Dropout = 0.2,
        };
    }

    private static InvertedBlock Detect(CheckpointKeys keys, string p)
    {
        var inverted = keys.Has($"{p}.1.0.weight");
        return new InvertedBlock(inverted ? InvertedBlockKind.Inverted : InvertedBlockKind.Separable, keys.Size($"{p}.{(inverted ? 1 : 0)}.0.weight", 2), 1,
            keys.Size($"{p}.0.0.weight"), keys.Size($"{p}.{(inverted ? 2 : 1)}.weight"), 0, "relu6");
    }

    private static List<int> Runs(List<InvertedBlock> blocks)
    {
        var depths = new List<int>();
        for (var i = 0; i < blocks.Count; i++)
        {
            if (i > 0 && blocks[i].Width == blocks[i - 1].Width && blocks[i].Kind == blocks[i - 1].Kind) depths[^1]++;
            else depths.Add(1);
        }
        return depths;
    }
}
