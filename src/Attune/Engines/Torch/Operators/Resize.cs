using Attune.Graphs;
using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>
/// Resamples axes by nearest, linear or cubic interpolation with ONNX's coordinate rules: an index per axis (nearest) or a matrix [out, in] per axis. Plain bilinear
/// resizing of images, and nearest by whole factors, are libtorch's.
/// </summary>
internal sealed class Resize : TorchOperator
{
    public override string Name => "Resize";

    public override TorchKernel Compile(TorchNode node)
    {
        var options = new ResizeOptions(node.Attributes);
        var x = node.Slot(0);
        var (region, scales, sizes) = (node.Slot(1), node.Slot(2), node.Slot(3));
        var isReal = node.Type(0).IsFloating();
        var type = node.Type(0);
        return TorchKernels.Scoped(frame =>
        {
            var value = frame[x];
            var axes = options.Axes(value.shape, Numbers(frame, scales), Numbers(frame, sizes), Numbers(frame, region));
            if (isReal && Direct(value, options, axes) is { } quick) return quick;
            if (isReal || options.IsNearest) return Resampled(value.alias(), options, axes, null);
            // with antialias as Pillow does: the last axis first, rounded after each
            var result = Resampled(value.As(torch.ScalarType.Float64), options, options.IsAntialiased ? [.. axes.Reverse()] : axes, options.IsAntialiased ? type : null);
            return Clamped(result, type).As(value.dtype);
        });
    }

    private static double[]? Numbers(TorchFrame frame, int slot)
    {
        if (frame.Optional(slot) is not { } tensor || tensor.numel() == 0) return null;
        return tensor.As(torch.ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
    }

    private static torch.Tensor? Direct(torch.Tensor x, ResizeOptions options, IReadOnlyList<ResizeAxis> axes)
    {
        if (x.dim() != 4 || axes.Any(a => a.Axis < 2 && !a.IsSame)) return null;
        var (height, width) = (axes.FirstOrDefault(a => a.Axis == 2), axes.FirstOrDefault(a => a.Axis == 3));
        if (height is null || width is null) return null;
        long[] target = [height.Out, width.Out];
        if (options.IsNearest && options.IsPlainNearest && height.IsWholeFactor && width.IsWholeFactor)
            return torch.nn.functional.interpolate(x, target, mode: torch.InterpolationMode.Nearest);
        if (!options.IsPlainLinear || !height.IsExact || !width.IsExact || height.Out < 2 || width.Out < 2) return null;
        return torch.nn.functional.interpolate(x, target, mode: torch.InterpolationMode.Bilinear, align_corners: options.AlignsCorners);
    }

    private static torch.Tensor Resampled(torch.Tensor x, ResizeOptions options, IReadOnlyList<ResizeAxis> axes, DataType? rounds)
    {
        var result = x;
        torch.Tensor? outside = null;
        foreach (var axis in axes)
        {
            if (axis.IsSame && !options.Crops) continue;
            result = options.IsNearest
                ? result.index_select(axis.Axis, TorchTensors.Integers(axis.Nearest(options)).to(x.device))
                : Weighted(result, axis, options);
            if (rounds is { } type) result = Clamped(result.Add(0.5).floor(), type);
            if (axis.Outside(options) is not { } missing) continue;
            var shape = Enumerable.Repeat(1L, (int)x.dim()).ToArray();
            shape[axis.Axis] = axis.Out;
            var mask = torch.tensor(missing, torch.ScalarType.Bool, x.device).reshape(shape);
            outside = outside is null ? mask : outside.logical_or(mask);
        }
        return outside is null ? result : torch.where(outside, TorchArithmetic.Full([], options.Extrapolation, x.dtype, x.device), result);
    }

    private static torch.Tensor Clamped(torch.Tensor x, DataType type) => type switch
    {
        DataType.UInt8 => x.Clamp(byte.MinValue, byte.MaxValue),
        DataType.Int8 => x.Clamp(sbyte.MinValue, sbyte.MaxValue),
        DataType.Int16 => x.Clamp(short.MinValue, short.MaxValue),
        DataType.Int32 => x.Clamp(int.MinValue, int.MaxValue),
        _ => x.alias(),
    };

    private static torch.Tensor Weighted(torch.Tensor x, ResizeAxis axis, ResizeOptions options)
    {
        var weights = torch.tensor(axis.Weights(options), [axis.Out, axis.In], torch.ScalarType.Float64).to(x.dtype).to(x.device);
        return x.movedim([axis.Axis], [-1]).matmul(weights.t()).movedim([-1], [axis.Axis]);
    }
}
