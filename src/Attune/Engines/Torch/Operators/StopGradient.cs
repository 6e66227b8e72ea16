using Attune.Graphs;

namespace Attune.Engines.Torch.Operators;

/// <summary>The input itself, through which no gradient flows. ONNX has no such operator, and the writer removes it.</summary>
internal sealed class StopGradient : TorchOperator
{
    public override string Name => "StopGradient";

    public override string Domain => Node.AttuneDomain;

    public override TorchKernel Compile(TorchNode node) => TorchKernels.Unary(node, x => x.detach());
}
