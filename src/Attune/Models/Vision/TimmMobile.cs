using Attune.Graphs;

namespace Attune.Models.Vision;

/// <summary>
/// timm's names of MobileNetV2, MobileNetV3 and EfficientNet V1 and V2: <c>conv_stem</c>, <c>blocks.STAGE.I.conv_pw</c>, <c>conv_head</c>, <c>classifier</c>.
/// The <c>tf_</c> models pad like TensorFlow and have ε 1e-3; their weights do not tell, their name does.
/// </summary>
public static class TimmMobile
{
    private static readonly int[] _smallStrides = [2, 2, 2, 1, 2, 1];

    /// <summary>Builds the graph.</summary>
    /// <param name="shape">Sizes, with <see cref="MobileNaming.Timm"/> or <see cref="MobileNaming.TimmV3"/>.</param>
    /// <param name="weights">Where the weights come from.</param>
    /// <exception cref="WeightsException">The weights do not fit.</exception>
    public static Graph Build(MobileShape shape, WeightSource weights)
    {
        var (g, x) = ImageLayers.Begin(shape.Family);
        var n = new ImageLayers(g, weights) { Epsilon = shape.Epsilon, SamePadding = shape.SamePadding, LinearStart = s => Start.Uniform(1 / Math.Sqrt(s[0])) };
        x = ConvNorm(n, x, "conv_stem", "bn1", shape.StemWidth, shape.Activation, kernel: 3, stride: 2);
        for (var stage = 0; stage < shape.Stages.Count; stage++)
            for (var i = 0; i < shape.Stages[stage].Count; i++)
                x = Block(n, x, $"blocks.{stage}.{i}.", shape.Stages[stage][i], shape.Naming == MobileNaming.TimmV3);
        if (shape.Naming == MobileNaming.TimmV3)
        {
            x = n.Activate(n.Conv(n.GlobalPool(x), "conv_head", shape.HeadWidth, bias: true), shape.Activation);   // [B, D, 1, 1]
            x = x with { Value = g.Flatten(x.Value) };
        }
        else x = n.Pool(ConvNorm(n, x, "conv_head", "bn2", shape.HeadWidth, shape.Activation));
        return n.End(n.Linear(n.Dropout(x, shape.Dropout), "classifier", shape.Classes));
    }

    private static FeatureMap Block(ImageLayers n, FeatureMap x, string p, InvertedBlock block, bool third)
    {
        FeatureMap Gates(FeatureMap z) => block.Squeeze == 0 ? z : n.SqueezeExcitation(z, p + "se.conv_reduce", p + "se.conv_expand", block.Squeeze, third ? "relu" : block.Activation, hard: third);
        FeatureMap y;
        switch (block.Kind)
        {
            case InvertedBlockKind.Plain:
                y = ConvNorm(n, x, p + "conv", p + "bn1", block.Width, block.Activation, block.Kernel, block.Stride);
                break;
            case InvertedBlockKind.Fused:
                y = ConvNorm(n, x, p + "conv_exp", p + "bn1", block.Expanded, block.Activation, block.Kernel, block.Stride);
                y = ConvNorm(n, Gates(y), p + "conv_pwl", p + "bn2", block.Width, "none");
                break;
            case InvertedBlockKind.Separable:
                y = ConvNorm(n, x, p + "conv_dw", p + "bn1", block.Expanded, block.Activation, block.Kernel, block.Stride, groups: block.Expanded);
                y = ConvNorm(n, Gates(y), p + "conv_pw", p + "bn2", block.Width, "none");
                break;
            default:
                y = ConvNorm(n, x, p + "conv_pw", p + "bn1", block.Expanded, block.Activation);
                y = ConvNorm(n, y, p + "conv_dw", p + "bn2", block.Expanded, block.Activation, block.Kernel, block.Stride, groups: block.Expanded);
                y = ConvNorm(n, Gates(y), p + "conv_pwl", p + "bn3", block.Width, "none");
                break;
        }
        return MobileLayers.Shortcut(n, x, y, block);
    }

    private static FeatureMap ConvNorm(ImageLayers n, FeatureMap x, string conv, string norm, int channels, string activation, int kernel = 1, int stride = 1, int groups = 1)
        => n.Activate(n.BatchNorm(n.Conv(x, conv, channels, kernel, stride, groups: groups), norm), activation);

    /// <summary>The sizes of a checkpoint of this family, or null when it is another.</summary>
    internal static MobileShape? Detect(CheckpointKeys keys)
    {
        if (!keys.Has("conv_stem.weight") || !keys.Has("conv_head.weight")) return null;
        var third = keys.Has("conv_head.bias");
        var counts = Enumerable.Range(0, 16).Select(s => Depth(keys, s)).TakeWhile(c => c > 0).ToList();
        var small = third && keys.Has("blocks.0.0.se.conv_reduce.weight");
        var activation = third ? "hardswish" : FirstActivation(keys);
        var stages = counts.Select((depth, stage) => (IReadOnlyList<InvertedBlock>)[.. Enumerable.Range(0, depth).Select(i => Detect(
            keys, $"blocks.{stage}.{i}.", i == 0 ? Stride(small, stage) : 1, third && stage < (small ? 2 : 3) ? "relu" : activation))]).ToList();
        var tensorFlow = keys.Options.Name?.StartsWith("tf_", StringComparison.Ordinal) == true;
        return new MobileShape(third ? MobileNaming.TimmV3 : MobileNaming.Timm, keys.Size("conv_stem.weight"), stages, keys.Size("conv_head.weight"), activation)
        {
            SamePadding = tensorFlow,
            Epsilon = (float)(keys.Options.BatchNormEpsilon ?? (tensorFlow ? 1e-3 : 1e-5)),
            Classes = keys.Size("classifier.weight"),
            Dropout = 0.2,
        };
    }

    private static int Stride(bool small, int stage)
    {
        var strides = small ? _smallStrides : MobileLayers.Strides;
        return stage < strides.Length ? strides[stage] : 1;
    }

    private static int Depth(CheckpointKeys keys, int stage)
        => ((string[])["conv_dw", "conv_exp", "conv"]).Max(c => keys.Count($"blocks.{stage}.#.{c}.weight"));

    // Gates in the first stage, or fused blocks: EfficientNet. No gates and sixfold blocks: MobileNetV2 and the lite EfficientNets. Else MnasNet.
    private static string FirstActivation(CheckpointKeys keys)
    {
        if (keys.Has("blocks.0.0.se.conv_reduce.weight") || keys.Any("conv_exp.weight")) return "silu";
        if (keys.Any("se.conv_reduce") || !keys.Has("blocks.1.0.conv_pw.weight")) return "relu";
        return keys.Size("blocks.1.0.conv_pw.weight") == 6 * keys.Size("blocks.1.0.conv_pw.weight", 1) ? "relu6" : "relu";
    }

    private static InvertedBlock Detect(CheckpointKeys keys, string p, int stride, string activation)
    {
        var squeeze = keys.Has(p + "se.conv_reduce.weight") ? keys.Size(p + "se.conv_reduce.weight") : 0;
        if (keys.Has(p + "conv_exp.weight")) return new(InvertedBlockKind.Fused, keys.Size(p + "conv_exp.weight", 2), stride, keys.Size(p + "conv_exp.weight"), keys.Size(p + "conv_pwl.weight"), squeeze, activation);
        if (keys.Has(p + "conv.weight")) return new(InvertedBlockKind.Plain, keys.Size(p + "conv.weight", 2), stride, keys.Size(p + "conv.weight"), keys.Size(p + "conv.weight"), 0, activation);
        return keys.Has(p + "conv_pwl.weight")
            ? new(InvertedBlockKind.Inverted, keys.Size(p + "conv_dw.weight", 2), stride, keys.Size(p + "conv_dw.weight"), keys.Size(p + "conv_pwl.weight"), squeeze, activation)
            : new(InvertedBlockKind.Separable, keys.Size(p + "conv_dw.weight", 2), stride, keys.Size(p + "conv_dw.weight"), keys.Size(p + "conv_pw.weight"), squeeze, activation);
    }
}
