using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>ONNX's window attributes (kernel_shape, strides, dilations, pads, auto_pad) of a node with spatial axes.</summary>
internal sealed class SlidingWindow
{
    /// <summary>Reads the attributes.</summary>
    /// <param name="node">The node; its input 0 is [B, C, …].</param>
    /// <param name="kernel">Window sizes.</param>
    /// <param name="transposed">True for a transposed convolution: pads are taken from its output.</param>
    public SlidingWindow(TorchNode node, long[] kernel, bool transposed = false)
    {
        var rank = kernel.Length;
        Kernel = kernel;
        Strides = node.Attributes.Get<long[]>("strides") ?? Filled(rank, 1);
        Dilations = node.Attributes.Get<long[]>("dilations") ?? Filled(rank, 1);
        var pads = node.Attributes.Get<long[]>("pads") ?? new long[2 * rank];
        var automatic = node.Attributes.Text("auto_pad", "NOTSET");
        if (transposed && (node.Attributes.ContainsKey("output_shape") || automatic is "SAME_UPPER" or "SAME_LOWER")) pads = Transposed(node, automatic == "SAME_UPPER");
        else if (automatic is "SAME_UPPER" or "SAME_LOWER") pads = Same(node, automatic == "SAME_UPPER");
        else if (automatic == "VALID") pads = new long[2 * rank];
        (Before, After) = (pads[..rank], pads[rank..]);
    }

    /// <summary>Window sizes.</summary>
    public long[] Kernel { get; }

    /// <summary>Steps.</summary>
    public long[] Strides { get; }

    /// <summary>Distances of the window's elements.</summary>
    public long[] Dilations { get; }

    /// <summary>Padding in front of each axis.</summary>
    public long[] Before { get; }

    /// <summary>Padding behind each axis.</summary>
    public long[] After { get; }

    /// <summary>True when both sides are padded alike, which libtorch does by itself.</summary>
    public bool IsSymmetric => Before.AsSpan().SequenceEqual(After);

    /// <summary>The value with all padding around it.</summary>
    public torch.Tensor Pad(torch.Tensor value, double fill) => Pad(value, Before, After, fill);

    /// <summary>
    /// The value padded (or cropped behind) so that whole windows cover it exactly; with <paramref name="ceil"/> a last window may reach beyond the padding, but does
    /// not start there.
    /// </summary>
    /// <param name="value">[B, C, …].</param>
    /// <param name="fill">Value of the padding.</param>
    /// <param name="ceil">ONNX's ceil_mode.</param>
    /// <param name="roundedFill">Value of what rounding up adds; the same as <paramref name="fill"/> when absent.</param>
    public torch.Tensor Fitted(torch.Tensor value, double fill, bool ceil, double? roundedFill = null)
    {
        var rank = Kernel.Length;
        var (after, rounded) = (new long[rank], new long[rank]);
        for (var i = 0; i < rank; i++)
        {
            var (size, extent) = (value.size(i + 2), (Kernel[i] - 1) * Dilations[i] + 1);
            var steps = (size + Before[i] + After[i] - extent + (ceil ? Strides[i] - 1 : 0)) / Strides[i] + 1;
            if (ceil && (steps - 1) * Strides[i] >= size + Before[i]) steps--;
            var behind = (steps - 1) * Strides[i] + extent - size - Before[i];
            (after[i], rounded[i]) = roundedFill is null ? (behind, 0) : (Math.Min(behind, After[i]), Math.Max(0, behind - After[i]));
        }
        var padded = Pad(value, Before, after, fill);
        if (rounded.All(r => r == 0)) return padded;
        using (padded) return Pad(padded, new long[rank], rounded, roundedFill!.Value);
    }

    /// <summary>All windows of a fitted value: [B, C, steps …, kernel …], a view.</summary>
    public torch.Tensor Windows(torch.Tensor fitted)
    {
        var result = fitted.alias();
        for (var i = 0; i < Kernel.Length; i++)
        {
            var extent = (Kernel[i] - 1) * Dilations[i] + 1;
            result = result.unfold(i + 2, extent, Strides[i]).slice(-1, 0, extent, Dilations[i]);
        }
        return result;
    }

    private static torch.Tensor Pad(torch.Tensor value, long[] before, long[] after, double fill)
    {
        var pads = new long[2 * before.Length];   // libtorch wants the last axis first
        for (var i = 0; i < before.Length; i++) (pads[2 * i], pads[2 * i + 1]) = (before[^(i + 1)], after[^(i + 1)]);
        return torch.nn.functional.pad(value, pads, PaddingModes.Constant, fill);
    }

    private long[] Same(TorchNode node, bool upper)
    {
        var shape = node.Shape(0) ?? throw new NotSupportedException("auto_pad needs known sizes");
        var pads = new long[2 * Kernel.Length];
        for (var i = 0; i < Kernel.Length; i++)
        {
            var size = shape[i + 2];
            var steps = (size + Strides[i] - 1) / Strides[i];
            Share(pads, i, Math.Max(0, (steps - 1) * Strides[i] + (Kernel[i] - 1) * Dilations[i] + 1 - size), upper);
        }
        return pads;
    }

    // What has to be taken from the full result so that it gets the wanted size; negative: added.
    private long[] Transposed(TorchNode node, bool upper)
    {
        var shape = node.Shape(0) ?? throw new NotSupportedException("auto_pad and output_shape need known sizes");
        var wanted = node.Attributes.Get<long[]>("output_shape");
        var extra = node.Attributes.Get<long[]>("output_padding") ?? new long[Kernel.Length];
        var pads = new long[2 * Kernel.Length];
        for (var i = 0; i < Kernel.Length; i++)
        {
            var full = Strides[i] * (shape[i + 2] - 1) + extra[i] + (Kernel[i] - 1) * Dilations[i] + 1;
            var total = full - (wanted?[wanted.Length - Kernel.Length + i] ?? shape[i + 2] * Strides[i]);
            if (total >= 0) Share(pads, i, total, upper);
            else pads[Kernel.Length + i] = total;   // what is missing comes behind
        }
        return pads;
    }

    private static void Share(long[] pads, int axis, long total, bool upper)
    {
        var (small, large) = (total / 2, total - total / 2);
        (pads[axis], pads[pads.Length / 2 + axis]) = upper ? (small, large) : (large, small);
    }

    private static long[] Filled(int count, long value)
    {
        var list = new long[count];
        Array.Fill(list, value);
        return list;
    }
}
