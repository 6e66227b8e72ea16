using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>The gradient of a convolution with respect to its input, over one to three spatial axes (Zeiler et al. 2010).</summary>
internal sealed class ConvTranspose : TorchOperator
{
    public override string Name => "ConvTranspose";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, w, b) = (node.Slot(0), node.Slot(1), node.Slot(2));
        var kernel = node.Attributes.Get<long[]>("kernel_shape") ?? node.Shape(1)?[2..] ?? throw new NotSupportedException("the kernel's sizes are not known");
        if (kernel.Length > 3) throw new NotSupportedException($"a convolution over {kernel.Length} axes is not run; at most 3 are");
        var window = new SlidingWindow(node, kernel, transposed: true);
        var group = node.Attributes.Int("group", 1);
        var extra = node.Attributes.Get<long[]>("output_padding") ?? new long[kernel.Length];
        var none = new long[kernel.Length];
        var direct = window.IsSymmetric && window.Before.All(p => p >= 0) && extra.Zip(window.Strides.Zip(window.Dilations)).All(e => e.First == 0 || e.First < Math.Max(e.Second.First, e.Second.Second));
        return TorchKernels.Scoped(frame =>
        {
            using var value = frame.Compute(x);
            using var weight = frame.Compute(w);
            using var bias = frame.ComputeOptional(b);
            if (direct) return Apply(value, weight, bias.Value, window, window.Before, extra, group);
            var whole = Apply(value, weight, null, window, none, none, group);
            var pads = new long[2 * kernel.Length];   // the last axis first; negative ones crop
            for (var i = 0; i < kernel.Length; i++) (pads[2 * i], pads[2 * i + 1]) = (-window.Before[^(i + 1)], extra[^(i + 1)] - window.After[^(i + 1)]);
            var result = torch.nn.functional.pad(whole, pads);
            return bias.Value is { } shift ? result.Add(shift.reshape([-1, .. Enumerable.Repeat(1L, kernel.Length)])) : result;
        });
    }

    private static torch.Tensor Apply(torch.Tensor x, torch.Tensor w, torch.Tensor? b, SlidingWindow window, long[] padding, long[] extra, long group) => padding.Length switch
    {
        1 => torch.nn.functional.conv_transpose1d(x, w, b, window.Strides[0], padding[0], extra[0], window.Dilations[0], group),
        2 => torch.nn.functional.conv_transpose2d(x, w, b, window.Strides, padding, extra, window.Dilations, group),
        _ => torch.nn.functional.conv_transpose3d(x, w, b, window.Strides, padding, extra, window.Dilations, group),
    };
}
