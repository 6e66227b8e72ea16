using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Convolution of quantised numbers with a quantised result.</summary>
internal sealed class QLinearConv : TorchOperator
{
    public override string Name => "QLinearConv";

    public override TorchKernel Compile(TorchNode node)
    {
        int[] slots = [.. Enumerable.Range(0, 9).Select(node.Slot)];   // x, scale, zero, w, scale, zero, y scale, zero, bias
        var convolution = new IntegerConvolution(node, 3);
        var type = node.OutputType(0);
        return TorchKernels.Scoped(frame =>
        {
            var sums = convolution.Apply(frame[slots[0]], frame[slots[2]], frame[slots[3]], frame[slots[5]]);
            long[] channels = [1, -1, .. Enumerable.Repeat(1L, (int)sums.dim() - 2)];
            if (frame.Optional(slots[8]) is { } bias) sums = sums.Add(bias.As(torch.ScalarType.Float64).reshape(channels));
            var scale = frame[slots[4]].As(torch.ScalarType.Float64).reshape(channels).mul(frame[slots[1]].reshape([])).div(frame[slots[6]].reshape([]));
            return QuantizationScale.Saturated(sums.mul(scale).round().Add(frame[slots[7]].reshape([])), type);
        });
    }
}
