namespace Attune.Engines.Torch.Operators;

/// <summary>The input itself.</summary>
internal sealed class Identity : TorchOperator
{
    public override string Name => "Identity";

    public override TorchKernel Compile(TorchNode node) => TorchKernels.Unary(node, x => x.alias());
}
