using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Matrix product of quantised numbers with a quantised result.</summary>
internal sealed class QLinearMatMul : TorchOperator
{
    public override string Name => "QLinearMatMul";

    public override TorchKernel Compile(TorchNode node)
    {
        int[] slots = [.. Enumerable.Range(0, 8).Select(node.Slot)];   // a, scale, zero, b, scale, zero, y scale, zero
        var type = node.OutputType(0);
        return TorchKernels.Scoped(frame =>
        {
            var sums = IntegerProduct.Apply(frame[slots[0]], frame[slots[2]], frame[slots[3]], frame[slots[5]]);
            var scale = Single(frame[slots[1]]).As(torch.ScalarType.Float64).mul(Single(frame[slots[4]])).div(Single(frame[slots[6]]));
            return QuantizationScale.Saturated(sums.mul(scale).round().Add(Single(frame[slots[7]])), type);
        });
    }

    private static torch.Tensor Single(torch.Tensor value) => value.numel() == 1 ? value.reshape([]) : value;
}
