using Attune.Graphs;

namespace Attune.Models.Vision;

/// <summary>Densely connected networks (Huang et al. 2017, arXiv:1608.06993) under the names that torchvision and timm share.</summary>
public static class DenseNet
{
    /// <summary>Builds the graph.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="weights">Where the weights come from.</param>
    /// <exception cref="WeightsException">The weights do not fit.</exception>
    public static Graph Build(DenseNetShape shape, WeightSource weights)
    {
        var (g, x) = ImageLayers.Begin("densenet");
        var n = new ImageLayers(g, weights) { ConvStart = Start.HeFanIn };
        x = n.Relu(n.BatchNorm(n.Conv(x, "features.conv0", shape.StemWidth, kernel: 7, stride: 2), "features.norm0"));
        x = n.MaxPool(x, kernel: 3, stride: 2, padding: 1);                      // [B, C, H/4, W/4]
        for (var block = 1; block <= shape.Depths.Count; block++)
        {
            for (var layer = 1; layer <= shape.Depths[block - 1]; layer++) x = Layer(g, n, x, shape, $"features.denseblock{block}.denselayer{layer}");
            if (block < shape.Depths.Count) x = Transition(n, x, $"features.transition{block}");
        }
        x = n.Relu(n.BatchNorm(x, "features.norm5"));
        return n.End(n.Linear(n.Dropout(n.Pool(x), shape.Dropout), "classifier", shape.Classes));
    }

    private static FeatureMap Layer(GraphBuilder g, ImageLayers n, FeatureMap x, DenseNetShape shape, string p)
    {
        var y = n.Conv(n.Relu(n.BatchNorm(x, $"{p}.norm1")), $"{p}.conv1", shape.Inner);
        y = n.Conv(n.Relu(n.BatchNorm(y, $"{p}.norm2")), $"{p}.conv2", shape.Growth, kernel: 3);
        return new FeatureMap(g.Concat([x.Value, y.Value], axis: 1), x.Channels + shape.Growth);
    }

    private static FeatureMap Transition(ImageLayers n, FeatureMap x, string p)
        => n.AveragePool(n.Conv(n.Relu(n.BatchNorm(x, $"{p}.norm")), $"{p}.conv", x.Channels / 2), 2);

    /// <summary>The sizes of a checkpoint of this family, or null when it is another.</summary>
    internal static DenseNetShape? Detect(CheckpointKeys keys)
    {
        if (!keys.Has("features.denseblock1.denselayer1.conv1.weight")) return null;
        return new DenseNetShape(
            [.. Enumerable.Range(1, keys.Count("features.denseblock#.denselayer1.conv1.weight", first: 1)).Select(b => keys.Count($"features.denseblock{b}.denselayer#.conv1.weight", first: 1))],
            keys.Size("features.denseblock1.denselayer1.conv2.weight"),
            keys.Size("features.conv0.weight"),
            keys.Size("features.denseblock1.denselayer1.conv1.weight"))
        {
            Classes = keys.Size("classifier.weight"),
        };
    }
}
