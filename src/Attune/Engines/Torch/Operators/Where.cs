using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>a where the condition holds, else b; all three broadcast.</summary>
internal sealed class Where : TorchOperator
{
    public override string Name => "Where";

    public override TorchKernel Compile(TorchNode node)
    {
        var (condition, a, b) = (node.Slot(0), node.Slot(1), node.Slot(2));
        return TorchKernels.One(frame => torch.where(frame[condition], frame[a], frame[b]));
    }
}
