using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>max(0, x) + min(0, α·(e^(x/α) − 1)) (Barron 2017, arXiv:1704.07483).</summary>
internal sealed class Celu : TorchOperator
{
    public override string Name => "Celu";

    public override TorchKernel Compile(TorchNode node)
    {
        var alpha = node.Attributes.Float("alpha", 1);
        return TorchKernels.Unary(node, x => x.celu(Scalars.Of(alpha)));
    }
}
