namespace Attune.Engines.Torch.Operators;

/// <summary>Places of the elements that are not 0: int64 [rank, count], in row-major order.</summary>
internal sealed class NonZero : TorchOperator
{
    public override string Name => "NonZero";

    public override TorchKernel Compile(TorchNode node) => TorchKernels.Scoped(node, x => x.nonzero().t().contiguous());
}
