using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>True where x is infinite; one sign only on request.</summary>
internal sealed class IsInf : TorchOperator
{
    public override string Name => "IsInf";

    public override TorchKernel Compile(TorchNode node)
    {
        var (negative, positive) = (node.Attributes.Int("detect_negative", 1) != 0, node.Attributes.Int("detect_positive", 1) != 0);
        return (negative, positive) switch
        {
            (true, true) => TorchKernels.Unary(node, x => x.isinf()),
            (true, false) => TorchKernels.Unary(node, x => x.Eq(double.NegativeInfinity)),
            (false, true) => TorchKernels.Unary(node, x => x.Eq(double.PositiveInfinity)),
            _ => TorchKernels.Unary(node, x => torch.zeros_like(x, torch.ScalarType.Bool)),
        };
    }
}
