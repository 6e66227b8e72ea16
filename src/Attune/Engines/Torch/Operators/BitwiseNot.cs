namespace Attune.Engines.Torch.Operators;

/// <summary>All bits turned.</summary>
internal sealed class BitwiseNot : TorchOperator
{
    public override string Name => "BitwiseNot";

    public override TorchKernel Compile(TorchNode node)
    {
        var type = node.Type(0);
        if (!UnsignedWords.Needs(type)) return TorchKernels.Unary(node, x => x.bitwise_not());
        return TorchKernels.Unary(node, x =>
        {
            using var turned = x.bitwise_not();
            return UnsignedWords.Wrap(turned, type);
        });
    }
}
