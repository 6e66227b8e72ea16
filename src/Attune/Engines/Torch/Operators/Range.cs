using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>start, start + delta, … below limit.</summary>
internal sealed class Range : TorchOperator
{
    public override string Name => "Range";

    public override TorchKernel Compile(TorchNode node)
    {
        var (start, limit, delta) = (node.Slot(0), node.Slot(1), node.Slot(2));
        var type = TorchTensors.ScalarType(node.Type(0));
        return TorchKernels.Scoped(frame =>
        {
            var (first, step) = (frame[start].reshape([]), frame[delta].reshape([]));
            var span = frame[limit].reshape([]).As(torch.ScalarType.Float64).sub(first).div(step).ceil().ClampMin(0).As(torch.ScalarType.Int64).cpu().item<long>();
            return TorchArithmetic.Arange(span, torch.ScalarType.Int64, frame.Device).As(type).mul(step).Add(first);
        });
    }
}
