using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>1 at the first greatest element along an axis, 0 elsewhere.</summary>
internal sealed class Hardmax : TorchOperator
{
    public override string Name => "Hardmax";

    public override TorchKernel Compile(TorchNode node)
    {
        var axis = node.Attributes.Int("axis", -1);
        return TorchKernels.Scoped(node, x => torch.zeros_like(x).scatter(axis, x.argmax(axis, keepdim: true), torch.ones_like(x)));
    }
}
