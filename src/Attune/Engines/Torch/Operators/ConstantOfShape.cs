using Attune.Graphs;

namespace Attune.Engines.Torch.Operators;

/// <summary>A tensor of the given shape, filled with attribute <c>value</c> (default: float 0).</summary>
internal sealed class ConstantOfShape : TorchOperator
{
    public override string Name => "ConstantOfShape";

    public override TorchKernel Compile(TorchNode node)
    {
        var sizes = node.IntegersAtRun(0)!;
        var value = node.Attributes.Get<Tensor>("value") ?? Tensor.Of([0f], 1);
        return TorchKernels.Scoped(frame => TorchTensors.FromStored(value).to(frame.Device, copy: true).reshape([]).expand(sizes(frame)).contiguous());
    }
}
