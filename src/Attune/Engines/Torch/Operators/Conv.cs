using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Convolution over one to three spatial axes.</summary>
internal sealed class Conv : TorchOperator
{
    public override string Name => "Conv";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, w, b) = (node.Slot(0), node.Slot(1), node.Slot(2));
        var kernel = node.Attributes.Get<long[]>("kernel_shape") ?? node.Shape(1)?[2..] ?? throw new NotSupportedException("the kernel's sizes are not known");
        var window = new SlidingWindow(node, kernel);
        var group = node.Attributes.Int("group", 1);
        if (kernel.Length > 3) throw new NotSupportedException($"a convolution over {kernel.Length} axes is not run; at most 3 are");
        return TorchKernels.One(frame =>
        {
            using var value = frame.Compute(x);
            using var weight = frame.Compute(w);
            using var bias = frame.ComputeOptional(b);
            if (window.IsSymmetric) return Apply(value, weight, bias.Value, window, window.Before, group);
            using var padded = window.Pad(value, 0);
            return Apply(padded, weight, bias.Value, window, new long[kernel.Length], group);
        });
    }

    private static torch.Tensor Apply(torch.Tensor x, torch.Tensor w, torch.Tensor? b, SlidingWindow window, long[] padding, long group) => padding.Length switch
    {
        1 => torch.nn.functional.conv1d(x, w, b, window.Strides[0], padding[0], window.Dilations[0], group),
        2 => torch.nn.functional.conv2d(x, w, b, window.Strides, padding, window.Dilations, group),
        _ => torch.nn.functional.conv3d(x, w, b, window.Strides, padding, window.Dilations, group),
    };
}
