using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>The number of elements of x as an int64 scalar.</summary>
internal sealed class Size : TorchOperator
{
    public override string Name => "Size";

    public override TorchKernel Compile(TorchNode node) => TorchKernels.Unary(node, x => torch.tensor(x.numel(), torch.ScalarType.Int64, x.device));
}
