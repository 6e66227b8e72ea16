using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>γ·x/√(mean x² + ε) over the axes from <c>axis</c> on (Zhang and Sennrich 2019, arXiv:1910.07467), in fp32 at least.</summary>
internal sealed class RMSNormalization : TorchOperator
{
    public override string Name => "RMSNormalization";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, scale) = (node.Slot(0), node.Slot(1));
        var axis = node.Attributes.Int("axis", -1);
        var epsilon = node.Attributes.Float("epsilon", 1e-5f);
        return TorchKernels.Scoped(frame =>
        {
            var value = frame[x];
            var wide = value.dtype is torch.ScalarType.Float16 or torch.ScalarType.BFloat16 ? value.As(torch.ScalarType.Float32) : value;
            long[] over = [.. Enumerable.Range(TorchNode.Axis(axis, (int)value.dim()), (int)value.dim() - TorchNode.Axis(axis, (int)value.dim())).Select(i => (long)i)];
            return wide.mul(wide.Square().mean(over, keepdim: true).Add(epsilon).rsqrt()).As(value.dtype).mul(frame[scale]);
        });
    }
}
