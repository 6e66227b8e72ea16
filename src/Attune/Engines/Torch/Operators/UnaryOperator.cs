using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>f(x) for every element.</summary>
internal abstract class UnaryOperator(string name, Func<torch.Tensor, torch.Tensor> compute) : TorchOperator
{
    public override string Name => name;

    public override TorchKernel Compile(TorchNode node) => TorchKernels.Unary(node, compute);
}
