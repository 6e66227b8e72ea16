using Attune.Graphs;

namespace Attune.Models.Vision;

/// <summary>
/// Residual networks (He et al. 2016, arXiv:1512.03385; ResNeXt: Xie et al. 2017, arXiv:1611.05431; deep stem and averaging shortcuts: He et al. 2019, arXiv:1812.01187)
/// under the names that torchvision and timm share. The stride of a bottleneck lies on its 3×3 convolution, as upstream has it.
/// </summary>
public static class ResNet
{
    /// <summary>Builds the graph.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="weights">Where the weights come from.</param>
    /// <exception cref="WeightsException">The weights do not fit.</exception>
    public static Graph Build(ResNetShape shape, WeightSource weights)
    {
        var (g, x) = ImageLayers.Begin("resnet");
        var n = new ImageLayers(g, weights);
        x = Stem(n, x, shape);                                          // [B, 64, H/4, W/4]
        for (var stage = 0; stage < shape.Depths.Count; stage++)
            for (var i = 0; i < shape.Depths[stage]; i++)
                x = Block(n, x, shape, stage, $"layer{stage + 1}.{i}", stride: i == 0 && stage > 0 ? 2 : 1, first: i == 0);
        x = n.Dropout(n.Pool(x), shape.Dropout);                        // [B, D]
        return n.End(n.Linear(x, "fc", shape.Classes));
    }

    private static FeatureMap Stem(ImageLayers n, FeatureMap x, ResNetShape shape)
    {
        if (shape.DeepStem.Count == 0) x = n.Conv(x, "conv1", shape.StemWidth, kernel: 7, stride: 2);
        else
        {
            x = n.Relu(n.BatchNorm(n.Conv(x, "conv1.0", shape.DeepStem[0], kernel: 3, stride: 2), "conv1.1"));
            x = n.Relu(n.BatchNorm(n.Conv(x, "conv1.3", shape.DeepStem[1], kernel: 3), "conv1.4"));
            x = n.Conv(x, "conv1.6", shape.StemWidth, kernel: 3);
        }
        return n.MaxPool(n.Relu(n.BatchNorm(x, "bn1")), kernel: 3, stride: 2, padding: 1);
    }

    private static FeatureMap Block(ImageLayers n, FeatureMap x, ResNetShape shape, int stage, string p, int stride, bool first)
    {
        var (inner, width) = (shape.InnerWidths[stage], shape.Widths[stage]);
        var shortcut = first && (stride != 1 || x.Channels != width) ? Shortcut(n, x, shape.AverageDown, p, width, stride) : x;
        FeatureMap y;
        if (shape.Bottleneck)
        {
            y = n.Relu(n.BatchNorm(n.Conv(x, $"{p}.conv1", inner), $"{p}.bn1"));
            y = n.Relu(n.BatchNorm(n.Conv(y, $"{p}.conv2", inner, kernel: 3, stride: stride, groups: shape.Groups), $"{p}.bn2"));
            y = n.BatchNorm(n.Conv(y, $"{p}.conv3", width), $"{p}.bn3");
        }
        else
        {
            y = n.Relu(n.BatchNorm(n.Conv(x, $"{p}.conv1", inner, kernel: 3, stride: stride), $"{p}.bn1"));
            y = n.BatchNorm(n.Conv(y, $"{p}.conv2", width, kernel: 3), $"{p}.bn2");
        }
        if (shape.Squeeze.Count > 0) y = n.SqueezeExcitation(y, $"{p}.se.fc1", $"{p}.se.fc2", shape.Squeeze[stage], "relu");
        return n.Relu(n.Add(y, shortcut));
    }

    private static FeatureMap Shortcut(ImageLayers n, FeatureMap x, bool average, string p, int width, int stride)
    {
        if (!average) return n.BatchNorm(n.Conv(x, $"{p}.downsample.0", width, stride: stride), $"{p}.downsample.1");
        if (stride > 1) x = n.AveragePool(x, stride, ceiling: true);
        return n.BatchNorm(n.Conv(x, $"{p}.downsample.1", width), $"{p}.downsample.2");
    }

    /// <summary>The sizes of a checkpoint of this family, or null when it is another.</summary>
    internal static ResNetShape? Detect(CheckpointKeys keys)
    {
        if (!keys.Has("layer1.0.conv1.weight") || !keys.Has("fc.weight")) return null;
        var bottleneck = keys.Has("layer1.0.conv3.weight");
        int[] stages = [1, 2, 3, 4];
        int[] inner = [.. stages.Select(s => keys.Size($"layer{s}.0.conv1.weight"))];
        var deep = keys.Has("conv1.0.weight");
        return new ResNetShape(
            [.. stages.Select(s => keys.Count($"layer{s}.#.conv1.weight"))],
            inner,
            [.. stages.Select(s => keys.Size($"layer{s}.0.{(bottleneck ? "conv3" : "conv2")}.weight"))],
            bottleneck)
        {
            Groups = bottleneck ? inner[0] / keys.Size("layer1.0.conv2.weight", 1) : 1,
            StemWidth = keys.Size("bn1.weight"),
            DeepStem = deep ? [keys.Size("conv1.0.weight"), keys.Size("conv1.3.weight")] : [],
            AverageDown = keys.Has("layer2.0.downsample.2.weight"),
            Squeeze = keys.Has("layer1.0.se.fc1.weight") ? [.. stages.Select(s => keys.Size($"layer{s}.0.se.fc1.weight"))] : [],
            Classes = keys.Size("fc.weight"),
        };
    }
}
