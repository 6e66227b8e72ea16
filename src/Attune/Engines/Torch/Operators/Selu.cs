using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>γ·x above 0, γ·α·(eˣ − 1) below (Klambauer et al. 2017, arXiv:1706.02515).</summary>
internal sealed class Selu : TorchOperator
{
    public override string Name => "Selu";

    public override TorchKernel Compile(TorchNode node)
    {
        var alpha = node.Attributes.Float("alpha", 1.67326319217681884765625f);
        var gamma = node.Attributes.Float("gamma", 1.05070102214813232421875f);
        return TorchKernels.Unary(node, x =>
        {
            using var shape = x.Elu(alpha);
            return shape.Mul(gamma);
        });
    }
}
