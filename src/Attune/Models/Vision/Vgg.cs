using Attune.Graphs;

namespace Attune.Models.Vision;

/// <summary>VGG (Simonyan and Zisserman 2015, arXiv:1409.1556), with and without batch normalisation, under torchvision's names and timm's.</summary>
public static class Vgg
{
    private const int Places = 7;

    /// <summary>Builds the graph.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="weights">Where the weights come from.</param>
    /// <exception cref="WeightsException">The weights do not fit.</exception>
    public static Graph Build(VggShape shape, WeightSource weights)
    {
        var (g, x) = ImageLayers.Begin("vgg", shape.FixedImageSize);
        var n = new ImageLayers(g, weights) { LinearStart = _ => Start.Normal(0.01) };
        var index = 0;
        foreach (var stage in shape.Stages)
        {
            foreach (var width in stage)
            {
                x = n.Conv(x, $"features.{index++}", width, kernel: 3, bias: true);
                if (shape.BatchNorm) x = n.BatchNorm(x, $"features.{index++}");
                x = n.Relu(x);
                index++;
            }
            x = n.MaxPool(x, kernel: 2, stride: 2);
            index++;
        }
        return shape.Timm ? ConvolutionalHead(n, x, shape) : LinearHead(g, n, x, shape);
    }

    private static Graph LinearHead(GraphBuilder g, ImageLayers n, FeatureMap x, VggShape shape)
    {
        x = x with { Value = AdaptiveAverage(g, x.Value, shape.ImageSize >> shape.Stages.Count) };   // [B, C, 7, 7]
        x = new FeatureMap(g.Flatten(x.Value), x.Channels * Places * Places);
        x = n.Dropout(n.Relu(n.Linear(x, "classifier.0", shape.Hidden)), shape.Dropout);
        x = n.Dropout(n.Relu(n.Linear(x, "classifier.3", shape.Hidden)), shape.Dropout);
        return n.End(n.Linear(x, "classifier.6", shape.Classes));
    }

    private static Graph ConvolutionalHead(ImageLayers n, FeatureMap x, VggShape shape)
    {
        x = n.Dropout(n.Relu(n.Conv(x, "pre_logits.fc1", shape.Hidden, kernel: Places, padding: 0, bias: true)), shape.Dropout);
        x = n.Relu(n.Conv(x, "pre_logits.fc2", shape.Hidden, bias: true));
        x = n.Dropout(n.Pool(x), shape.Dropout);
        return n.End(n.Linear(x, "head.fc", shape.Classes));
    }

    // Means over windows that cover size places in 7 steps: A·x·Aᵀ with the rows of A holding the shares.
    private static Value AdaptiveAverage(GraphBuilder g, Value x, int size)
    {
        if (size < 1) throw new ArgumentException("The image is too small: every stage of a VGG halves it, and nothing is left.", nameof(size));
        if (size == Places) return x;
        if (size % Places == 0) return g.AveragePool(x, size / Places);
        var shares = new float[Places * size];
        for (var i = 0; i < Places; i++)
        {
            var (from, to) = (i * size / Places, ((i + 1) * size + Places - 1) / Places);
            for (var j = from; j < to; j++) shares[i * size + j] = 1f / (to - from);
        }
        var rows = g.Constant("shares", Tensor.Of(shares, Places, size));
        return g.Node("MatMul", [g.Node("MatMul", [rows, x]), g.Transpose(rows, 1, 0)]);
    }

    /// <summary>The sizes of a checkpoint of this family, or null when it is another. Gaps between the numbers of layers tell where a stage ends.</summary>
    internal static VggShape? Detect(CheckpointKeys keys)
    {
        var timm = keys.Has("pre_logits.fc1.weight");
        if (!keys.Has("features.0.weight") || !(timm || keys.Has("classifier.6.weight"))) return null;
        var norm = keys.Rank("features.1.weight") == 1;
        var step = norm ? 3 : 2;
        var stages = new List<IReadOnlyList<int>>();
        var stage = new List<int>();
        for (var index = 0; ;)
        {
            if (keys.Has($"features.{index}.weight"))
            {
                stage.Add(keys.Size($"features.{index}.weight"));
                index += step;
                continue;
            }
            if (stage.Count == 0) break;      // nothing after the last maximum
            stages.Add(stage);
            stage = [];
            index++;
        }
        return new VggShape(stages, norm, keys.Size(timm ? "pre_logits.fc1.weight" : "classifier.0.weight"), timm)
        {
            ImageSize = keys.Options.ImageSize,
            Classes = keys.Size(timm ? "head.fc.weight" : "classifier.6.weight"),
            Dropout = timm ? 0 : 0.5,
        };
    }
}
