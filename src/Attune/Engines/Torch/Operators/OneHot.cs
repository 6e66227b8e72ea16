using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>The second value at the index along a new axis, the first value elsewhere; an index out of range gives the first value only.</summary>
internal sealed class OneHot : TorchOperator
{
    public override string Name => "OneHot";

    public override TorchKernel Compile(TorchNode node)
    {
        var (ids, values) = (node.Slot(0), node.Slot(2));
        var depth = node.IntegersAtRun(1)!;
        var axis = node.Attributes.Int("axis", -1);
        return TorchKernels.Scoped(frame =>
        {
            var count = depth(frame)[0];
            var indices = Indices.Positive(frame[ids], count);
            var at = TorchNode.Axis(axis, (int)indices.dim() + 1);
            var sizes = Enumerable.Repeat(1L, (int)indices.dim() + 1).ToArray();
            sizes[at] = count;
            var isHot = indices.unsqueeze(at).eq(TorchArithmetic.Arange(count, torch.ScalarType.Int64, frame.Device).reshape(sizes));
            return torch.where(isHot, frame[values].select(0, 1), frame[values].select(0, 0));
        });
    }
}
