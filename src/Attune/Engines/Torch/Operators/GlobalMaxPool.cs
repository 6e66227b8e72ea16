namespace Attune.Engines.Torch.Operators;

/// <summary>The greatest element over all axes behind the channels, which stay with size 1.</summary>
internal sealed class GlobalMaxPool : TorchOperator
{
    public override string Name => "GlobalMaxPool";

    public override TorchKernel Compile(TorchNode node)
    {
        long[] axes = [.. Enumerable.Range(2, node.Rank(0) - 2).Select(i => (long)i)];
        return TorchKernels.Unary(node, x => x.amax(axes, true));
    }
}
