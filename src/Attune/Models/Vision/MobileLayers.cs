namespace Attune.Models.Vision;

/// <summary>Steps that the mobile families share.</summary>
internal static class MobileLayers
{
    /// <summary>Strides of the stages of MobileNetV2, EfficientNet V1 and V2, MnasNet and MobileNetV3 large.</summary>
    public static readonly int[] Strides = [1, 2, 2, 2, 1, 2, 1];

    /// <summary>torchvision's Conv2dNormActivation: <c>p.0</c> convolution, <c>p.1</c> batch norm, activation.</summary>
    public static FeatureMap ConvNorm(ImageLayers n, FeatureMap x, string p, int channels, string activation, int kernel = 1, int stride = 1, int groups = 1)
        => n.Activate(n.BatchNorm(n.Conv(x, $"{p}.0", channels, kernel, stride, groups: groups), $"{p}.1"), activation);

    /// <summary>Adds the block's input where the shapes allow it.</summary>
    public static FeatureMap Shortcut(ImageLayers n, FeatureMap x, FeatureMap y, InvertedBlock block)
        => block.Stride == 1 && x.Channels == y.Channels ? n.Add(y, x) : y;

    /// <summary>
    /// torchvision's block: <c>p.0</c> … are the convolutions that the kind has, with squeeze-and-excitation between as <c>p.#.fc1</c> and <c>.fc2</c>.
    /// </summary>
    public static FeatureMap Block(ImageLayers n, FeatureMap x, string p, InvertedBlock block, string squeezeActivation, bool hardGate)
    {
        var (y, i) = (x, 0);
        if (block.Kind == InvertedBlockKind.Plain) y = ConvNorm(n, y, $"{p}.{i++}", block.Width, block.Activation, block.Kernel, block.Stride);
        else
        {
            if (block.Kind == InvertedBlockKind.Fused) y = ConvNorm(n, y, $"{p}.{i++}", block.Expanded, block.Activation, block.Kernel, block.Stride);
            if (block.Kind == InvertedBlockKind.Inverted) y = ConvNorm(n, y, $"{p}.{i++}", block.Expanded, block.Activation);
            if (block.Kind != InvertedBlockKind.Fused) y = ConvNorm(n, y, $"{p}.{i++}", block.Expanded, block.Activation, block.Kernel, block.Stride, groups: block.Expanded);
            if (block.Squeeze > 0)
            {
                y = n.SqueezeExcitation(y, $"{p}.{i}.fc1", $"{p}.{i}.fc2", block.Squeeze, squeezeActivation, hardGate);
                i++;
            }
            y = ConvNorm(n, y, $"{p}.{i}", block.Width, "none");
        }
        return Shortcut(n, x, y, block);
    }

    /// <summary>The block that torchvision's names under <c>p</c> tell.</summary>
    public static InvertedBlock Detect(CheckpointKeys keys, string p, int stride, string activation)
    {
        var first = $"{p}.0.0.weight";
        var (depthwise, kernel) = (keys.Size(first, 1) == 1, keys.Size(first, 2));
        if (depthwise || kernel == 1)
        {
            var spatial = depthwise ? 0 : 1;
            var squeeze = keys.Has($"{p}.{spatial + 1}.fc1.weight") ? keys.Size($"{p}.{spatial + 1}.fc1.weight") : 0;
            var last = squeeze > 0 ? spatial + 2 : spatial + 1;
            return new InvertedBlock(depthwise ? InvertedBlockKind.Separable : InvertedBlockKind.Inverted, keys.Size($"{p}.{spatial}.0.weight", 2), stride,
                keys.Size(first), keys.Size($"{p}.{last}.0.weight"), squeeze, activation);
        }
        return keys.Has($"{p}.1.0.weight")
            ? new InvertedBlock(InvertedBlockKind.Fused, kernel, stride, keys.Size(first), keys.Size($"{p}.1.0.weight"), 0, activation)
            : new InvertedBlock(InvertedBlockKind.Plain, kernel, stride, keys.Size(first), keys.Size(first), 0, activation);
    }
}
