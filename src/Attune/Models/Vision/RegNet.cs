using Attune.Graphs;

namespace Attune.Models.Vision;

/// <summary>RegNetX and RegNetY (Radosavovic et al. 2020, arXiv:2003.13678) under torchvision's names and timm's.</summary>
public static class RegNet
{
    /// <summary>Builds the graph.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="weights">Where the weights come from.</param>
    /// <exception cref="WeightsException">The weights do not fit.</exception>
    public static Graph Build(RegNetShape shape, WeightSource weights)
    {
        var (g, x) = ImageLayers.Begin("regnet");
        var n = new ImageLayers(g, weights) { LinearStart = _ => Start.Normal(0.01) };
        x = n.Relu(ConvNorm(n, x, shape, "stem", shape.StemWidth, kernel: 3, stride: 2));
        for (var stage = 0; stage < shape.Depths.Count; stage++)
            for (var i = 0; i < shape.Depths[stage]; i++)
                x = Block(n, x, shape, stage, shape.Timm ? $"s{stage + 1}.b{i + 1}" : $"trunk_output.block{stage + 1}.block{stage + 1}-{i}", i == 0);
        x = n.Dropout(n.Pool(x), shape.Dropout);
        return n.End(n.Linear(x, shape.Head, shape.Classes));
    }

    private static FeatureMap Block(ImageLayers n, FeatureMap x, RegNetShape shape, int stage, string p, bool first)
    {
        var (width, inner, stride) = (shape.Widths[stage], shape.InnerWidths[stage], first ? 2 : 1);
        var (a, b, c, proj, se) = shape.Timm ? ("conv1", "conv2", "conv3", "downsample", "se") : ("f.a", "f.b", "f.c", "proj", "f.se");
        var shortcut = first ? ConvNorm(n, x, shape, $"{p}.{proj}", width, stride: stride) : x;
        var y = n.Relu(ConvNorm(n, x, shape, $"{p}.{a}", inner));
        y = n.Relu(ConvNorm(n, y, shape, $"{p}.{b}", inner, kernel: 3, stride: stride, groups: shape.Groups[stage]));
        if (shape.Squeeze) y = n.SqueezeExcitation(y, $"{p}.{se}.fc1", $"{p}.{se}.fc2", (int)Math.Round(0.25 * x.Channels), "relu");
        y = ConvNorm(n, y, shape, $"{p}.{c}", width);
        return n.Relu(n.Add(shortcut, y));
    }

    private static FeatureMap ConvNorm(ImageLayers n, FeatureMap x, RegNetShape shape, string p, int channels, int kernel = 1, int stride = 1, int groups = 1)
        => shape.Timm
            ? n.BatchNorm(n.Conv(x, $"{p}.conv", channels, kernel, stride, groups: groups), $"{p}.bn")
            : n.BatchNorm(n.Conv(x, $"{p}.0", channels, kernel, stride, groups: groups), $"{p}.1");

    /// <summary>The sizes of a checkpoint of this family, or null when it is another.</summary>
    internal static RegNetShape? Detect(CheckpointKeys keys)
    {
        var timm = keys.Has("s1.b1.conv1.conv.weight");
        if (!timm && !keys.Has("trunk_output.block1.block1-0.f.a.0.weight")) return null;
        string At(int stage, string block, string part, string its) => timm ? $"s{stage}.b{block}.{its}.conv.weight" : $"trunk_output.block{stage}.block{stage}-{block}.f.{part}.0.weight";
        var first = timm ? 1 : 0;
        var head = timm ? "head.fc.weight" : "fc.weight";
        int[] stages = [.. Enumerable.Range(1, 8).TakeWhile(s => keys.Has(At(s, $"{first}", "a", "conv1")))];
        int[] inner = [.. stages.Select(s => keys.Size(At(s, $"{first}", "a", "conv1")))];
        return new RegNetShape(
            [.. stages.Select(s => keys.Count(At(s, "#", "a", "conv1"), first))],
            [.. stages.Select(s => keys.Size(At(s, $"{first}", "c", "conv3")))],
            inner,
            [.. stages.Select((s, i) => Math.Max(1, inner[i] / keys.Size(At(s, $"{first}", "b", "conv2"), 1)))],
            timm)
        {
            StemWidth = keys.Size(timm ? "stem.conv.weight" : "stem.0.weight"),
            Squeeze = keys.Has(timm ? "s1.b1.se.fc1.weight" : "trunk_output.block1.block1-0.f.se.fc1.weight"),
            Classes = keys.Size(head),
        };
    }
}
