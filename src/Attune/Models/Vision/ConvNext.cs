using Attune.Graphs;

namespace Attune.Models.Vision;

/// <summary>
/// ConvNeXt (Liu et al. 2022, arXiv:2201.03545) under torchvision's names and timm's, and V2 with global response normalisation (Woo et al. 2023, arXiv:2301.00808) under timm's.
/// Layer norms have ε 1e-6.
/// </summary>
public static class ConvNext
{
    private const float Epsilon = 1e-6f;

    /// <summary>Builds the graph.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="weights">Where the weights come from.</param>
    /// <exception cref="WeightsException">The weights do not fit.</exception>
    public static Graph Build(ConvNextShape shape, WeightSource weights)
    {
        var (g, x) = ImageLayers.Begin("convnext");
        var n = new ImageLayers(g, weights) { ConvStart = _ => Start.Normal(0.02), LinearStart = _ => Start.Normal(0.02) };
        var stem = shape.Timm ? "stem" : "features.0";
        x = n.Conv(x, $"{stem}.0", shape.Widths[0], shape.Patch, shape.Patch, padding: 0, bias: true);
        x = n.LayerNormChannels(x, $"{stem}.1", Epsilon);                          // [B, C, H/4, W/4]
        for (var stage = 0; stage < shape.Depths.Count; stage++)
        {
            if (stage > 0)
            {
                var down = shape.Timm ? $"stages.{stage}.downsample" : $"features.{2 * stage}";
                x = n.Conv(n.LayerNormChannels(x, $"{down}.0", Epsilon), $"{down}.1", shape.Widths[stage], kernel: 2, stride: 2, padding: 0, bias: true);
            }
            for (var i = 0; i < shape.Depths[stage]; i++)
                x = shape.Timm ? TimmBlock(g, n, x, shape, $"stages.{stage}.blocks.{i}") : Block(g, n, x, shape, $"features.{2 * stage + 1}.{i}");
        }
        x = n.LayerNorm(n.Pool(x), shape.Timm ? "head.norm" : "classifier.0", Epsilon);
        return n.End(n.Linear(n.Dropout(x, shape.Dropout), shape.Head, shape.Classes));
    }

    private static FeatureMap Block(GraphBuilder g, ImageLayers n, FeatureMap x, ConvNextShape shape, string p)
    {
        var y = n.Conv(x, $"{p}.block.0", x.Channels, shape.Kernel, groups: x.Channels, bias: true);
        y = n.LayerNorm(y with { Value = g.Transpose(y.Value, 0, 2, 3, 1) }, $"{p}.block.2", Epsilon);   // [B, H, W, C]
        y = n.LinearLast(n.Activate(n.LinearLast(y, $"{p}.block.3", shape.Expansion * x.Channels), "gelu"), $"{p}.block.5", x.Channels);
        var scale = n.Parameter($"{p}.layer_scale", Start.Constant(1e-6), x.Channels, 1, 1);
        return n.Add(y with { Value = g.Mul(scale, g.Transpose(y.Value, 0, 3, 1, 2)) }, x);
    }

    private static FeatureMap TimmBlock(GraphBuilder g, ImageLayers n, FeatureMap x, ConvNextShape shape, string p)
    {
        var (inner, channelsFirst) = (shape.Expansion * x.Channels, shape.ConvolutionalMlp);
        var y = n.Conv(x, $"{p}.conv_dw", x.Channels, shape.Kernel, groups: x.Channels, bias: true);
        if (channelsFirst) y = n.Conv(n.LayerNormChannels(y, $"{p}.norm", Epsilon), $"{p}.mlp.fc1", inner, bias: true);
        else y = n.LinearLast(n.LayerNorm(y with { Value = g.Transpose(y.Value, 0, 2, 3, 1) }, $"{p}.norm", Epsilon), $"{p}.mlp.fc1", inner);   // [B, H, W, 4C]
        y = n.Activate(y, "gelu");
        if (shape.ResponseNorm) y = ResponseNorm(g, n, y, $"{p}.mlp.grn", channelsFirst);
        y = channelsFirst ? n.Conv(y, $"{p}.mlp.fc2", x.Channels, bias: true) : n.LinearLast(y, $"{p}.mlp.fc2", x.Channels);
        if (shape.LayerScale)
        {
            var gamma = n.Parameter($"{p}.gamma", Start.Constant(1e-6), x.Channels);
            y = y with { Value = g.Mul(y.Value, channelsFirst ? g.Reshape(gamma, -1, 1, 1) : gamma) };
        }
        if (!channelsFirst) y = y with { Value = g.Transpose(y.Value, 0, 3, 1, 2) };
        return n.Add(y, x);
    }

    // x + β + γ·x·N with N = ‖x‖ over places, divided by its mean over channels
    private static FeatureMap ResponseNorm(GraphBuilder g, ImageLayers n, FeatureMap x, string p, bool channelsFirst)
    {
        var (gamma, beta) = (n.Parameter($"{p}.weight", Start.Zero, x.Channels), n.Parameter($"{p}.bias", Start.Zero, x.Channels));
        if (channelsFirst) (gamma, beta) = (g.Reshape(gamma, -1, 1, 1), g.Reshape(beta, -1, 1, 1));
        long[] places = channelsFirst ? [2, 3] : [1, 2];
        long[] channels = [channelsFirst ? 1 : 3];
        var norm = g.Node("ReduceL2", [x.Value, g.Constant("axes", Tensor.Of(places, 2))], Attributes.Of(("keepdims", 1L)));
        var mean = g.Node("ReduceMean", [norm, g.Constant("axes", Tensor.Of(channels, 1))], Attributes.Of(("keepdims", 1L)));
        var share = g.Node("Div", [norm, g.Add(mean, g.Constant("epsilon", Tensor.Of([Epsilon])))]);
        return x with { Value = g.Add(x.Value, g.Add(beta, g.Mul(gamma, g.Mul(x.Value, share)))) };
    }

    /// <summary>The sizes of a checkpoint of this family, or null when it is another.</summary>
    internal static ConvNextShape? Detect(CheckpointKeys keys)
    {
        var timm = keys.Has("stages.0.blocks.0.conv_dw.weight");
        if (!timm && !keys.Has("features.1.0.layer_scale")) return null;
        if (timm)
        {
            var stages = Enumerable.Range(0, keys.Count("stages.#.blocks.0.conv_dw.weight")).ToList();
            var width = keys.Size("stages.0.blocks.0.conv_dw.weight");
            return new ConvNextShape([.. stages.Select(s => keys.Count($"stages.{s}.blocks.#.conv_dw.weight"))], [.. stages.Select(s => keys.Size($"stages.{s}.blocks.0.conv_dw.weight"))], Timm: true)
            {
                Patch = keys.Size("stem.0.weight", 2),
                Kernel = keys.Size("stages.0.blocks.0.conv_dw.weight", 2),
                Expansion = keys.Size("stages.0.blocks.0.mlp.fc1.weight") / width,
                ConvolutionalMlp = keys.Rank("stages.0.blocks.0.mlp.fc1.weight") == 4,
                LayerScale = keys.Has("stages.0.blocks.0.gamma"),
                ResponseNorm = keys.Has("stages.0.blocks.0.mlp.grn.weight"),
                Classes = keys.Size("head.fc.weight"),
            };
        }
        int[] places = [.. Enumerable.Range(0, 8).Select(s => 2 * s + 1).TakeWhile(f => keys.Has($"features.{f}.0.layer_scale"))];
        return new ConvNextShape([.. places.Select(f => keys.Count($"features.{f}.#.layer_scale"))], [.. places.Select(f => keys.Size($"features.{f}.0.layer_scale"))], Timm: false)
        {
            Patch = keys.Size("features.0.0.weight", 2),
            Kernel = keys.Size("features.1.0.block.0.weight", 2),
            Expansion = keys.Size("features.1.0.block.3.weight") / keys.Size("features.1.0.layer_scale"),
            Classes = keys.Size("classifier.2.weight"),
        };
    }
}
