using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>x above α, 0 below.</summary>
internal sealed class ThresholdedRelu : TorchOperator
{
    public override string Name => "ThresholdedRelu";

    public override TorchKernel Compile(TorchNode node)
    {
        var alpha = node.Attributes.Float("alpha", 1);
        return TorchKernels.Unary(node, x => x.Threshold(alpha));
    }
}
