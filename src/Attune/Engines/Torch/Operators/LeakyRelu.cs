using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>x above 0, α·x below.</summary>
internal sealed class LeakyRelu : TorchOperator
{
    public override string Name => "LeakyRelu";

    public override TorchKernel Compile(TorchNode node)
    {
        var alpha = node.Attributes.Float("alpha", 0.01f);
        return TorchKernels.Unary(node, x => x.LeakyRelu(alpha));
    }
}
