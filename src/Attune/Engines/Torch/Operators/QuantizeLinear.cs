using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>round(x / scale) + zero point, clipped to the type's range; halves round to even. Its gradient is 0.</summary>
internal sealed class QuantizeLinear : TorchOperator
{
    public override string Name => "QuantizeLinear";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, scale, zero) = (node.Slot(0), node.Slot(1), node.Slot(2));
        var (axis, block) = (node.Attributes.Int("axis", 1), node.Attributes.Int("block_size"));
        var type = node.OutputType(0);
        return TorchKernels.Scoped(frame =>
        {
            var spread = QuantizationScale.Along(frame[scale], frame[x], axis, block);
            var quotient = frame[x].As(frame[x].dtype == torch.ScalarType.Float64 ? torch.ScalarType.Float64 : torch.ScalarType.Float32).div(spread).round();
            if (frame.Optional(zero) is { } point) quotient = quotient.Add(QuantizationScale.Along(point, frame[x], axis, block).As(quotient.dtype));
            return QuantizationScale.Saturated(quotient, type);
        });
    }
}
