using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>max(x, 0).</summary>
internal sealed class Relu : TorchOperator
{
    public override string Name => "Relu";

    public override TorchKernel Compile(TorchNode node) => TorchKernels.Unary(node, x => torch.nn.functional.relu(x));
}
