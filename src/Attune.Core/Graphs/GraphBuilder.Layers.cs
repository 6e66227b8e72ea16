namespace Attune.Graphs;

/// <content>The layers of image and text networks. Weights stand in <see cref="Weights"/> already, under the prefix that upstream gives the layer.</content>
public sealed partial class GraphBuilder
{
    /// <summary>The graph's name.</summary>
    public string Name => _name;

    /// <summary>Convolution of x [B, C, H, W] with <c>prefix.weight</c> [out, C / groups, kH, kW] and, where it exists, <c>prefix.bias</c> [out].</summary>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="prefix">Name of the layer.</param>
    /// <param name="stride">Step of the kernel along both axes.</param>
    /// <param name="padding">Zeros on each side; null pads like TensorFlow's SAME (more at the end).</param>
    /// <param name="groups">Channel groups; equal to C for a depthwise convolution.</param>
    public Value Conv(Value x, string prefix, int stride = 1, int? padding = 0, int groups = 1)
    {
        Value[] inputs = Weights.Contains(prefix + ".bias") ? [x, new(prefix + ".weight"), new(prefix + ".bias")] : [x, new(prefix + ".weight")];
        var kernel = Weights[prefix + ".weight"].Value.Sizes;
        var border = padding is { } p ? ("pads", (object)new long[] { p, p, p, p }) : ("auto_pad", "SAME_UPPER");
        return Node("Conv", inputs, Attributes.Of(("group", (long)groups), ("kernel_shape", new[] { kernel[2], kernel[3] }), border, ("strides", new long[] { stride, stride })), name: prefix);
    }

    /// <summary>Greatest element of each window, [B, C, H, W] → [B, C, H', W'].</summary>
    public Value MaxPool(Value x, int kernel, int stride, int padding = 0)
        => Node("MaxPool", [x], Attributes.Of(("kernel_shape", new long[] { kernel, kernel }), ("pads", new long[] { padding, padding, padding, padding }), ("strides", new long[] { stride, stride })));

    /// <summary>Mean of each window without overlap, [B, C, H, W] → [B, C, H', W'].</summary>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="kernel">Side and step of the window.</param>
    /// <param name="ceiling">Keeps a last window that is cut off by the border; it averages what it covers.</param>
    public Value AveragePool(Value x, int kernel, bool ceiling = false)
        => Node("AveragePool", [x], Attributes.Of(("ceil_mode", ceiling ? 1L : 0L), ("kernel_shape", new long[] { kernel, kernel }), ("strides", new long[] { kernel, kernel })));

    /// <summary>Mean over all places, [B, C, H, W] → [B, C, 1, 1].</summary>
    public Value GlobalAveragePool(Value x) => Node("GlobalAveragePool", [x]);

    /// <summary>All axes from the second on as one, [B, …] → [B, n].</summary>
    public Value Flatten(Value x) => Node("Flatten", [x], Attributes.Of(("axis", 1L)));

    /// <summary>min(max(x, 0), 6).</summary>
    public Value Relu6(Value x) => Node("Clip", [x, Constant("relu6.low", Tensor.Of([0f])), Constant("relu6.high", Tensor.Of([6f]))]);

    /// <summary>x · min(max(x/6 + 1/2, 0), 1).</summary>
    public Value HardSwish(Value x) => Node("HardSwish", [x]);

    /// <summary>min(max(x/6 + 1/2, 0), 1), PyTorch's slope (ONNX's default is 0.2).</summary>
    public Value HardSigmoid(Value x) => Node("HardSigmoid", [x], Attributes.Of(("alpha", 1f / 6f), ("beta", 0.5f)));

    /// <summary>a · b with ONNX broadcasting.</summary>
    public Value Mul(Value a, Value b) => Node("Mul", [a, b]);

    /// <summary>Axes in another order.</summary>
    public Value Transpose(Value x, params long[] order) => Node("Transpose", [x], Attributes.Of(("perm", order)));

    /// <summary>The same elements under new sizes; 0 keeps a size, −1 is what remains.</summary>
    public Value Reshape(Value x, params long[] sizes) => Node("Reshape", [x, Constant("shape", Tensor.Of(sizes, sizes.Length))]);

    /// <summary>x·Wᵀ + b along the last axis of x [..., in], with <c>prefix.weight</c> [out, in] and, where it exists, <c>prefix.bias</c> [out].</summary>
    public Value LinearLast(Value x, string prefix)
        => LinearLast(x, new Value(prefix + ".weight"), Weights.Contains(prefix + ".bias") ? new Value(prefix + ".bias") : null, prefix);

    /// <summary>The same with weights of any name; <paramref name="name"/> is the node's.</summary>
    public Value LinearLast(Value x, Value weight, Value? bias, string name)
    {
        var columns = Node("Transpose", [weight], Attributes.Of(("perm", new long[] { 1, 0 })), name: name + ".transpose");
        var product = Node("MatMul", [x, columns], name: name);
        return bias is { } b ? Node("Add", [product, b], name: name + ".add") : product;
    }

    /// <summary>Layer normalisation over the channels of x [B, C, H, W], by way of [B, H, W, C].</summary>
    public Value LayerNormChannels(Value x, string prefix, float epsilon)
        => Transpose(LayerNorm(Transpose(x, 0, 2, 3, 1), prefix, epsilon), 0, 3, 1, 2);

    /// <summary>[B, T, D] → [B, N, T, D / N].</summary>
    public Value SplitHeads(Value x, int heads, int width) => Transpose(Reshape(x, 0, 0, heads, width / heads), 0, 2, 1, 3);

    /// <summary>[B, N, T, D / N] → [B, T, D].</summary>
    public Value MergeHeads(Value x, int width) => Reshape(Transpose(x, 0, 2, 1, 3), 0, 0, width);

    /// <summary>softmax(q·kᵀ / √d + mask)·v over [B, N, T, d]; the mask [.., T, T] is boolean (true = seen) or added.</summary>
    public Value Attention(Value q, Value k, Value v, Value? mask = null) => Node("Attention", mask is { } m ? [q, k, v, m] : [q, k, v]);

    /// <summary>Slices along an axis, of the given lengths.</summary>
    public Value[] Split(Value x, int axis, params long[] lengths)
        => Nodes("Split", [x, Constant("split", Tensor.Of(lengths, lengths.Length))], lengths.Length, Attributes.Of(("axis", (long)axis)));

    /// <summary>A weight [1, n, D] repeated for every row of <paramref name="like"/>: [B, n, D].</summary>
    public Value PerRow(Value weight, Value like)
    {
        var sizes = Weights[weight.Name].Value.Sizes;
        var rows = Node("Shape", [like], Attributes.Of(("start", 0L), ("end", 1L)));   // [1]
        return Node("Expand", [weight, Concat([rows, Constant("shape", Tensor.Of([sizes[1], sizes[2]], 2))], axis: 0)]);
    }

    /// <summary>One place along an axis, which goes: [B, T, D] → [B, D].</summary>
    public Value Pick(Value x, long place, int axis) => Node("Gather", [x, Constant("place", Tensor.Of([place]))], Attributes.Of(("axis", (long)axis)));
}
