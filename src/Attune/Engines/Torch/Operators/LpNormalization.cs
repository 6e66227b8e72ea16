using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>x / ‖x‖ₚ along an axis; 0 where the norm is 0.</summary>
internal sealed class LpNormalization : TorchOperator
{
    public override string Name => "LpNormalization";

    public override TorchKernel Compile(TorchNode node)
    {
        var (axis, p) = (node.Attributes.Int("axis", -1), node.Attributes.Int("p", 2));
        return TorchKernels.Scoped(node, x =>
        {
            var norm = x.Norm(p, [axis], true);
            return x.div(torch.where(norm.Eq(0), torch.ones_like(norm), norm));
        });
    }
}
