using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>eˣ / Σ eˣ along an axis.</summary>
internal sealed class Softmax : TorchOperator
{
    public override string Name => "Softmax";

    public override TorchKernel Compile(TorchNode node)
    {
        var axis = node.Attributes.Int("axis", -1);
        return TorchKernels.Unary(node, x => torch.nn.functional.softmax(x, axis));
    }
}
