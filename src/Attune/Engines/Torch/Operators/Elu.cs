using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>x above 0, α·(eˣ − 1) below (Clevert et al. 2015, arXiv:1511.07289).</summary>
internal sealed class Elu : TorchOperator
{
    public override string Name => "Elu";

    public override TorchKernel Compile(TorchNode node)
    {
        var alpha = node.Attributes.Float("alpha", 1);
        return TorchKernels.Unary(node, x => x.Elu(alpha));
    }
}
