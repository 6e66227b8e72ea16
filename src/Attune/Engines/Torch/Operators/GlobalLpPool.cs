using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>(Σ |x|ᵖ)^(1/p) over all axes behind the channels, which stay with size 1.</summary>
internal sealed class GlobalLpPool : TorchOperator
{
    public override string Name => "GlobalLpPool";

    public override TorchKernel Compile(TorchNode node)
    {
        var p = node.Attributes.Int("p", 2);
        long[] axes = [.. Enumerable.Range(2, node.Rank(0) - 2).Select(i => (long)i)];
        return TorchKernels.Unary(node, x => x.Norm(p, axes, true));
    }
}
