using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>γ·(x − μ)/√(σ² + ε) + β, the statistics taken per row and group of channels (Wu and He 2018, arXiv:1803.08494).</summary>
/// <remarks>γ and β have one number per channel; before opset 21 they had one per group, which is still read.</remarks>
internal sealed class GroupNormalization : TorchOperator
{
    public override string Name => "GroupNormalization";

    public override TorchKernel Compile(TorchNode node)
    {
        var (x, scale, bias) = (node.Slot(0), node.Slot(1), node.Slot(2));
        var groups = node.Attributes.Int("num_groups");
        var epsilon = node.Attributes.Float("epsilon", 1e-5f);
        return TorchKernels.Scoped(frame =>
        {
            var value = frame[x];
            return torch.nn.functional.group_norm(value, groups, PerChannel(frame[scale], value), PerChannel(frame[bias], value), epsilon);
        });
    }

    private static torch.Tensor PerChannel(torch.Tensor weight, torch.Tensor x)
    {
        var typed = weight.As(x.dtype);
        return weight.numel() == x.size(1) ? typed : typed.repeat_interleave(x.size(1) / weight.numel());
    }
}
