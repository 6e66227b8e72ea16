using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>α·x + β, clipped to 0…1; with α = 1/6 and β = 1/2 libtorch's own.</summary>
internal sealed class HardSigmoid : TorchOperator
{
    public override string Name => "HardSigmoid";

    public override TorchKernel Compile(TorchNode node)
    {
        var (alpha, beta) = (node.Attributes.Float("alpha", 0.2f), node.Attributes.Float("beta", 0.5f));
        if (Math.Abs(alpha - 1.0 / 6) < 1e-7 && beta == 0.5f) return TorchKernels.Unary(node, x => torch.nn.functional.hardsigmoid(x));
        return TorchKernels.Scoped(node, x => x.Mul(alpha).Add(beta).Clamp(0, 1));
    }
}
