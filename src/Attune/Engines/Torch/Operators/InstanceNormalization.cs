using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>γ·(x − μ)/√(σ² + ε) + β per row and channel (Ulyanov et al. 2016, arXiv:1607.08022).</summary>
internal sealed class InstanceNormalization : TorchOperator
{
    public override string Name => "InstanceNormalization";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, scale, bias) = (node.Slot(0), node.Slot(1), node.Slot(2));
        var epsilon = node.Attributes.Float("epsilon", 1e-5f);
        return TorchKernels.One(frame =>
        {
            var value = frame[x];
            using var gain = frame[scale].As(value.dtype);
            using var shift = frame[bias].As(value.dtype);
            // as many groups as channels; libtorch's instance_norm refuses a single spatial element
            return torch.nn.functional.group_norm(value, value.size(1), gain, shift, epsilon);
        });
    }
}
