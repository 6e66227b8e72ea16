using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Running sum along the axis that input 1 gives; exclusive leaves the element itself out, reverse runs from the end.</summary>
internal sealed class CumSum : TorchOperator
{
    public override string Name => "CumSum";

    public override TorchKernel Compile(TorchNode node)
    {
        var x = node.Slot(0);
        var axes = node.IntegersAtRun(1)!;
        var (exclusive, reverse) = (node.Attributes.Int("exclusive") != 0, node.Attributes.Int("reverse") != 0);
        return TorchKernels.Scoped(frame =>
        {
            var (value, axis) = (frame[x].alias(), axes(frame)[0]);
            if (reverse) value = value.flip([axis]);
            var sums = value.cumsum(axis, value.dtype);
            var size = value.size((int)axis);
            if (exclusive && size > 0) sums = torch.cat([torch.zeros_like(sums.narrow(axis, 0, 1)), sums.narrow(axis, 0, size - 1)], axis);
            return reverse ? sums.flip([axis]) : sums;
        });
    }
}
