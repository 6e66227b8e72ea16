using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>A convolution of integers less their zero points in double precision, which is exact below 2^53.</summary>
internal sealed class IntegerConvolution
{
    private readonly SlidingWindow _window;
    private readonly long _group;

    /// <summary>Reads the node's attributes.</summary>
    /// <param name="node">The node.</param>
    /// <param name="weights">Index of the input that holds the weights.</param>
    public IntegerConvolution(TorchNode node, int weights)
    {
        var kernel = node.Attributes.Get<long[]>("kernel_shape") ?? node.Shape(weights)?[2..] ?? throw new NotSupportedException("the kernel's sizes are not known");
        if (kernel.Length > 3) throw new NotSupportedException($"a convolution over {kernel.Length} axes is not run; at most 3 are");
        (_window, _group) = (new SlidingWindow(node, kernel), node.Attributes.Int("group", 1));
    }

    /// <summary>The sums as doubles; temporaries are left to the dispose scope.</summary>
    public torch.Tensor Apply(torch.Tensor x, torch.Tensor? xZero, torch.Tensor w, torch.Tensor? wZero)
    {
        var input = Less(x, xZero);
        var weight = Less(w, wZero?.numel() > 1 ? wZero.reshape([-1, .. Enumerable.Repeat(1L, _window.Kernel.Length + 1)]) : wZero);
        var padded = _window.Pad(input, 0);
        return _window.Kernel.Length switch
        {
            1 => torch.nn.functional.conv1d(padded, weight, null, _window.Strides[0], 0, _window.Dilations[0], _group),
            2 => torch.nn.functional.conv2d(padded, weight, null, _window.Strides, [0, 0], _window.Dilations, _group),
            _ => torch.nn.functional.conv3d(padded, weight, null, _window.Strides, [0, 0, 0], _window.Dilations, _group),
        };
    }

    private static torch.Tensor Less(torch.Tensor value, torch.Tensor? zero)
    {
        var wide = value.As(torch.ScalarType.Float64);
        return zero is null ? wide : wide.sub(zero.numel() == 1 ? zero.reshape([]) : zero);
    }
}
