namespace Attune.Graphs.Operators;

/// <summary>Spatial sizes after a convolution or pooling window: ONNX's kernel_shape, strides, pads, dilations, auto_pad and ceil_mode.</summary>
internal static class SlidingWindow
{
    /// <summary>Output sizes of the spatial axes of <paramref name="input"/> [B, C, …].</summary>
    public static Dimension[] Sizes(InferenceContext context, Graphs.Shape input, IReadOnlyList<Dimension> kernel)
    {
        var rank = input.Rank - 2;
        if (kernel.Count != rank) context.Fail($"a kernel of {kernel.Count} axes does not fit input {input}");
        var strides = List(context, "strides", rank, 1);
        var dilations = List(context, "dilations", rank, 1);
        var pads = List(context, "pads", 2 * rank, 0);
        var automatic = context.Attributes.Text("auto_pad", "NOTSET");
        var ceil = context.Attributes.Int("ceil_mode") != 0;
        var sizes = new Dimension[rank];
        for (var i = 0; i < rank; i++)
        {
            if (strides[i] < 1 || dilations[i] < 1) context.Fail("strides and dilations must be at least 1");
            if (pads[i] < 0 || pads[rank + i] < 0) context.Fail("pads must not be negative");
            if (input[i + 2].Size is not { } size || kernel[i].Size is not { } width) continue;
            if (automatic is "SAME_UPPER" or "SAME_LOWER") sizes[i] = (size + strides[i] - 1) / strides[i];
            else sizes[i] = Steps(context, size, checked((width - 1) * dilations[i] + 1), strides[i], automatic == "VALID" ? 0 : pads[i], automatic == "VALID" ? 0 : pads[rank + i], ceil);
        }
        return sizes;
    }

    /// <summary>Shape of a convolution of <paramref name="input"/> [B, C, …] with <paramref name="kernel"/> [out, C / group, …].</summary>
    public static Graphs.Shape Convolved(InferenceContext context, Graphs.Shape input, Graphs.Shape kernel)
    {
        if (kernel.Rank != input.Rank) context.Fail($"input {input} and kernel {kernel} have different ranks");
        var group = context.Attributes.Int("group", 1);
        if (group < 1) context.Fail($"attribute 'group' is {group}");
        if (input[1].Size is { } channels && kernel[1].Size is { } width && channels != checked(width * group))
            context.Fail($"the input has {channels} channels; kernel {kernel} with group {group} needs {width * group}");
        return new Graphs.Shape([input[0], kernel[0], .. Sizes(context, input, [.. kernel.Dimensions.Skip(2)])]);
    }

    private static long Steps(InferenceContext context, long size, long window, long stride, long before, long after, bool ceil)
    {
        var room = checked(size + before + after - window);
        if (window < 1 || room < 0) context.Fail($"a window of {window} does not fit {size} elements with {before} + {after} of padding");
        var steps = checked(room + (ceil ? stride - 1 : 0)) / stride + 1;
        // a last window that would start in the padding behind the data is left out
        return ceil && (steps - 1) * stride >= size + before ? steps - 1 : steps;
    }

    private static long[] List(InferenceContext context, string name, int length, long value)
    {
        var list = context.Attributes.Get<long[]>(name) ?? [.. Enumerable.Repeat(value, length)];
        if (list.Length != length) context.Fail($"'{name}' has {list.Length} numbers; {length} were expected");
        return list;
    }
}
