using Attune.Graphs;
using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>The greatest value of each window over one to three axes, and on request its index in the whole input.</summary>
internal sealed class MaxPool : TorchOperator
{
    public override string Name => "MaxPool";

    public override TorchKernel Compile(TorchNode node)
    {
        var x = node.Slot(0);
        var kernel = node.Attributes.Get<long[]>("kernel_shape") ?? throw new NotSupportedException("attribute 'kernel_shape' is missing");
        if (kernel.Length > 3) throw new NotSupportedException($"a window over {kernel.Length} axes is not run; at most 3 are");
        var window = new SlidingWindow(node, kernel);
        var ceil = node.Attributes.Int("ceil_mode") != 0;
        if (!node.Type(0).IsFloating() || node.Wants(1))
        {
            var columns = node.Attributes.Int("storage_order") != 0;
            return TorchKernels.ScopedMany(frame => WithIndices(frame[x], window, ceil, columns));
        }
        // libtorch takes at most half a window of padding, the same on both sides.
        var direct = window.IsSymmetric && window.Before.Zip(kernel).All(p => 2 * p.First <= p.Second);
        return TorchKernels.One(frame =>
        {
            if (direct) return Largest(frame[x], window, window.Before, ceil);
            using var padded = window.Fitted(frame[x], double.NegativeInfinity, ceil);
            return Largest(padded, window, new long[kernel.Length], false);
        });
    }

    private static torch.Tensor Largest(torch.Tensor x, SlidingWindow window, long[] padding, bool ceil) => padding.Length switch
    {
        1 => torch.nn.functional.max_pool1d(x, window.Kernel[0], window.Strides[0], padding[0], window.Dilations[0], ceil),
        2 => torch.nn.functional.max_pool2d(x, window.Kernel, window.Strides, padding, window.Dilations, ceil),
        _ => torch.nn.functional.max_pool3d(x, window.Kernel, window.Strides, padding, window.Dilations, ceil),
    };

    private static torch.Tensor?[] WithIndices(torch.Tensor x, SlidingWindow window, bool ceil, bool columns)
    {
        var real = x.is_floating_point() ? x : x.As(torch.ScalarType.Float32);   // integers here have 8 bits
        var padded = window.Fitted(real, double.NegativeInfinity, ceil);
        var (values, indices) = padded.dim() switch
        {
            3 => torch.nn.functional.max_pool1d_with_indices(padded, window.Kernel[0], window.Strides[0], 0, window.Dilations[0]),
            4 => torch.nn.functional.max_pool2d_with_indices(padded, window.Kernel, window.Strides, [0, 0], window.Dilations),
            _ => torch.nn.functional.max_pool3d_with_indices(padded, window.Kernel, window.Strides, [0, 0, 0], window.Dilations),
        };
        return [values.As(x.dtype), InWhole(indices, x.shape, padded.shape, window.Before, columns)];
    }

    // From places in a padded plane to places in the whole input.
    private static torch.Tensor InWhole(torch.Tensor indices, long[] shape, long[] padded, long[] before, bool columns)
    {
        var planes = TorchArithmetic.Arange(shape[0] * shape[1], torch.ScalarType.Int64, indices.device).reshape([shape[0], shape[1], .. Enumerable.Repeat(1L, before.Length)]);
        var plane = shape[2..].Aggregate(1L, (a, b) => a * b);
        var result = planes.Mul(plane);
        var rest = indices;
        var stride = columns ? plane : 1;
        for (var axis = before.Length - 1; axis >= 0; axis--)
        {
            if (columns) stride /= shape[axis + 2];
            result = result.Add(rest.Remainder(padded[axis + 2]).Sub(before[axis]).Mul(stride));
            if (!columns) stride *= shape[axis + 2];
            rest = rest.DivFloor(padded[axis + 2]);
        }
        return result;
    }
}
