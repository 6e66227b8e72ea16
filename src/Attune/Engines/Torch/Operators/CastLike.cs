namespace Attune.Engines.Torch.Operators;

/// <summary>Converts elements to the type of input 1.</summary>
internal sealed class CastLike : TorchOperator
{
    public override string Name => "CastLike";

    public override TorchKernel Compile(TorchNode node) => Cast.Kernel(node, node.Type(1));
}
