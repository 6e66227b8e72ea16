using Attune.Graphs;

namespace Attune.Engines.Torch.Operators;

/// <summary>A value that stands in the node.</summary>
internal sealed class Constant : TorchOperator
{
    public override string Name => "Constant";

    public override TorchKernel Compile(TorchNode node)
    {
        var value = node.Attributes.Get<Tensor>("value") ?? throw new NotSupportedException("attribute 'value' is missing");
        return TorchKernels.One(frame =>
        {
            using var host = TorchTensors.FromStored(value);
            return host.to(frame.Device, copy: true);
        });
    }
}
