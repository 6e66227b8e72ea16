using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Mean over all axes behind the channels, which stay with size 1.</summary>
internal sealed class GlobalAveragePool : TorchOperator
{
    public override string Name => "GlobalAveragePool";

    public override TorchKernel Compile(TorchNode node)
    {
        long[] axes = [.. Enumerable.Range(2, node.Rank(0) - 2).Select(i => (long)i)];
        return TorchKernels.Unary(node, x => x.mean(axes, keepdim: true));
    }
}
