using Attune.Graphs;
using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>min(max(x, low), high); both bounds are optional. Clip(0, 6) is libtorch's relu6.</summary>
internal sealed class Clip : TorchOperator
{
    public override string Name => "Clip";

    public override TorchKernel Compile(TorchNode node)
    {
        var (low, high) = (node.Slot(1), node.Slot(2));
        if (node.Type(0).IsFloating() && (low < 0 || node.Scalar(1) is not null) && (high < 0 || node.Scalar(2) is not null))
        {
            return (node.Scalar(1), node.Scalar(2)) switch
            {
                (null, null) => TorchKernels.Unary(node, x => x.alias()),
                (0, 6) => TorchKernels.Unary(node, x => torch.nn.functional.relu6(x)),
                (0, null) => TorchKernels.Unary(node, x => torch.nn.functional.relu(x)),
                ({ } least, null) => TorchKernels.Unary(node, x => x.ClampMin(least)),
                (null, { } most) => TorchKernels.Unary(node, x => x.ClampMax(most)),
                ({ } least, { } most) => TorchKernels.Unary(node, x => x.Clamp(least, most)),
            };
        }
        var input = node.Slot(0);
        return TorchKernels.Scoped(frame =>
        {
            var x = frame[input].alias();
            if (low >= 0) x = x.maximum(frame[low]);
            return high >= 0 ? x.minimum(frame[high]) : x;
        });
    }
}
