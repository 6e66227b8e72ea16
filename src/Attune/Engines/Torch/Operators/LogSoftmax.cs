using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>x − ln Σ eˣ along an axis.</summary>
internal sealed class LogSoftmax : TorchOperator
{
    public override string Name => "LogSoftmax";

    public override TorchKernel Compile(TorchNode node)
    {
        var axis = node.Attributes.Int("axis", -1);
        return TorchKernels.Unary(node, x => torch.nn.functional.log_softmax(x, axis));
    }
}
