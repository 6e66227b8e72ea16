using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>(x − zero point) · scale, per tensor, axis or block.</summary>
internal sealed class DequantizeLinear : TorchOperator
{
    public override string Name => "DequantizeLinear";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, scale, zero) = (node.Slot(0), node.Slot(1), node.Slot(2));
        var (axis, block) = (node.Attributes.Int("axis", 1), node.Attributes.Int("block_size"));
        var type = TorchTensors.ScalarType(node.OutputType(0));
        return TorchKernels.Scoped(frame =>
        {
            var spread = QuantizationScale.Along(frame[scale], frame[x], axis, block);
            var wide = frame[x].As(spread.dtype == torch.ScalarType.Float64 ? torch.ScalarType.Float64 : torch.ScalarType.Float32);
            if (frame.Optional(zero) is { } point) wide = wide.sub(QuantizationScale.Along(point, frame[x], axis, block).As(wide.dtype));
            return wide.mul(spread).As(type);
        });
    }
}
