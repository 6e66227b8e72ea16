using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Quantises to uint8 with scale and zero point of the values' own range, which always holds 0. Outputs: values, scale, zero point.</summary>
internal sealed class DynamicQuantizeLinear : TorchOperator
{
    public override string Name => "DynamicQuantizeLinear";

    public override TorchKernel Compile(TorchNode node)
    {
        var x = node.Slot(0);
        return TorchKernels.ScopedMany(frame =>
        {
            var value = frame[x];
            var (least, most) = (value.min().ClampMax(0), value.max().ClampMin(0));
            var scale = most.sub(least).Div(255);
            var zero = least.neg().div(scale).nan_to_num(0).round().Clamp(0, 255);
            var quotient = value.div(scale).nan_to_num(0).round().Add(zero);
            return [quotient.Clamp(0, 255).As(torch.ScalarType.Byte), scale, zero.As(torch.ScalarType.Byte)];
        });
    }
}
