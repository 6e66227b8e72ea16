using Attune.Graphs;
using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Scales and zero points of quantised tensors.</summary>
internal static class QuantizationScale
{
    /// <summary>A scale or zero point in a shape that broadcasts to x: one number, one per element of an axis, or one per block of an axis.</summary>
    public static torch.Tensor Along(torch.Tensor scale, torch.Tensor x, long axis, long block)
    {
        if (scale.numel() == 1 && block == 0) return scale.reshape([]);
        var at = TorchNode.Axis(axis, (int)x.dim());
        if (block > 0) return scale.repeat_interleave(block, at).narrow(at, 0, x.size(at));
        var shape = Enumerable.Repeat(1L, (int)x.dim()).ToArray();
        shape[at] = -1;
        return scale.reshape(shape);
    }

    /// <summary>Rounded reals as integers of a type, clipped to its range.</summary>
    public static torch.Tensor Saturated(torch.Tensor value, DataType type)
    {
        var (least, most) = type switch
        {
            DataType.UInt8 => (0, 255),
            DataType.Int8 => (-128, 127),
            DataType.UInt16 => (0, 65535),
            DataType.Int16 => (-32768, 32767),
            DataType.UInt4 => (0, 15),
            DataType.Int4 => (-8, 7),
            _ => throw new NotSupportedException($"values are not quantised to {type}"),
        };
        return value.Clamp(least, most).As(TorchTensors.ScalarType(type));
    }
}
