using Attune.Graphs;
using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>ONNX's window attributes (kernel_shape, strides, dilations, pads, auto_pad) of a node with spatial axes.</summary>
internal sealed class SlidingWindow
{
    /// <summary>Reads the attributes.</summary>
    /// <param name="node">The node; its input 0 is [B, C, …].</param>
    /// <param name="kernel">Window sizes.</param>
    public SlidingWindow(TorchNode node, long[] kernel)
    {
        var rank = kernel.Length;
        Kernel = kernel;
        Strides = node.Attributes.Get<long[]>("strides") ?? Filled(rank, 1);
        Dilations = node.Attributes.Get<long[]>("dilations") ?? Filled(rank, 1);
        var pads = node.Attributes.Get<long[]>("pads") ?? new long[2 * rank];
        var automatic = node.Attributes.Text("auto_pad", "NOTSET");
        if (automatic is "SAME_UPPER" or "SAME_LOWER") pads = Same(node, kernel, automatic == "SAME_UPPER");
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
    public torch.Tensor Pad(torch.Tensor value, double fill)
    {
        var pads = new long[2 * Kernel.Length];   // libtorch wants the last axis first
        for (var i = 0; i < Kernel.Length; i++) (pads[2 * i], pads[2 * i + 1]) = (Before[Kernel.Length - 1 - i], After[Kernel.Length - 1 - i]);
        return torch.nn.functional.pad(value, pads, PaddingModes.Constant, fill);
    }

    private long[] Same(TorchNode node, long[] kernel, bool upper)
    {
        var shape = node.Shape(0) ?? throw new NotSupportedException("auto_pad needs known sizes");
        var rank = kernel.Length;
        var pads = new long[2 * rank];
        for (var i = 0; i < rank; i++)
        {
            var size = shape[i + 2];
            var steps = (size + Strides[i] - 1) / Strides[i];
            var total = Math.Max(0, (steps - 1) * Strides[i] + (kernel[i] - 1) * Dilations[i] + 1 - size);
            var (small, large) = (total / 2, total - total / 2);
            (pads[i], pads[rank + i]) = upper ? (small, large) : (large, small);
        }
        return pads;
    }

    private static long[] Filled(int count, long value)
    {
        var list = new long[count];
        Array.Fill(list, value);
        return list;
    }
}
