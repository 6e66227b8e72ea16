using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Crops or pads axes to given sizes around their centres.</summary>
internal sealed class CenterCropPad : TorchOperator
{
    public override string Name => "CenterCropPad";

    public override TorchKernel Compile(TorchNode node)
    {
        var x = node.Slot(0);
        var target = node.IntegersAtRun(1)!;
        var axes = node.Attributes.Get<long[]>("axes");
        return TorchKernels.One(frame =>
        {
            var (value, sizes) = (frame[x], target(frame));
            var rank = (int)value.dim();
            var pads = new long[2 * rank];   // the last axis first; negative ones crop
            for (var i = 0; i < sizes.Length; i++)
            {
                var axis = TorchNode.Axis(axes?[i] ?? i, rank);
                var more = sizes[i] - value.size(axis);
                var before = more >= 0 ? more / 2 : -(-more / 2);
                (pads[2 * (rank - 1 - axis)], pads[2 * (rank - 1 - axis) + 1]) = (before, more - before);
            }
            return torch.nn.functional.pad(value, pads);
        });
    }
}
