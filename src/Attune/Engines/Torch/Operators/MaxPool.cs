using Attune.Graphs;
using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Largest value of each window.</summary>
internal sealed class MaxPool : TorchOperator
{
    public override string Name => "MaxPool";

    public override TorchKernel Compile(TorchNode node)
    {
        var x = node.Slot(0);
        var kernel = node.Attributes.Get<long[]>("kernel_shape") ?? throw new NotSupportedException("attribute 'kernel_shape' is missing");
        var window = new SlidingWindow(node, kernel);
        var ceil = node.Attributes.Int("ceil_mode") != 0;
        if (kernel.Length != 2 || node.Wants(1)) throw new NotSupportedException("only windows over two axes without indices are run");
        // libtorch takes at most half a window of padding, the same on both sides.
        var direct = window.IsSymmetric && window.Before.Zip(kernel).All(p => 2 * p.First <= p.Second);
        return TorchKernels.One(frame =>
        {
            if (direct) return torch.nn.functional.max_pool2d(frame[x], window.Kernel, window.Strides, window.Before, window.Dilations, ceil);
            using var padded = window.Pad(frame[x], double.NegativeInfinity);
            return torch.nn.functional.max_pool2d(padded, window.Kernel, window.Strides, [0, 0], window.Dilations, ceil);
        });
    }
}
