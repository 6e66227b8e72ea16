using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Mean of each window over one to three axes, with or without the padding.</summary>
internal sealed class AveragePool : TorchOperator
{
    public override string Name => "AveragePool";

    public override TorchKernel Compile(TorchNode node)
    {
        var x = node.Slot(0);
        var kernel = node.Attributes.Get<long[]>("kernel_shape") ?? throw new NotSupportedException("attribute 'kernel_shape' is missing");
        var window = new SlidingWindow(node, kernel);
        var (ceil, counts) = (node.Attributes.Int("ceil_mode") != 0, node.Attributes.Int("count_include_pad") != 0);
        if (kernel.Length <= 3 && window.IsSymmetric && window.Dilations.All(d => d == 1) && window.Before.Zip(kernel).All(p => 2 * p.First <= p.Second))
            return TorchKernels.One(frame => Direct(frame[x], window, ceil, counts));
        return TorchKernels.Scoped(frame => Windowed(frame[x], window, ceil, counts));
    }

    private static torch.Tensor Direct(torch.Tensor x, SlidingWindow window, bool ceil, bool counts) => window.Kernel.Length switch
    {
        1 => torch.nn.functional.avg_pool1d(x, window.Kernel[0], window.Strides[0], window.Before[0], ceil, counts),
        2 => torch.nn.functional.avg_pool2d(x, window.Kernel, window.Strides, window.Before, ceil, counts),
        _ => torch.nn.functional.avg_pool3d(x, window.Kernel, window.Strides, window.Before, ceil, counts),
    };

    private static torch.Tensor Windowed(torch.Tensor x, SlidingWindow window, bool ceil, bool counts)
    {
        long[] over = [.. Enumerable.Range(1, window.Kernel.Length).Select(i => -(long)i)];
        var sums = window.Windows(window.Fitted(x, 0, ceil)).sum(over, false, x.dtype);
        // what counts: the elements, with their padding on request; never the part that rounding up adds behind it
        var ones = torch.ones([1, 1, .. x.shape[2..]], x.dtype, x.device);
        var mask = window.Fitted(ones, counts ? 1 : 0, ceil, roundedFill: 0);
        return sums.div(window.Windows(mask).sum(over, false, x.dtype));
    }
}
