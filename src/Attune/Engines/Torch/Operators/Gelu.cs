using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>x·Φ(x), exact or by tanh (Hendrycks and Gimpel 2016, arXiv:1606.08415).</summary>
internal sealed class Gelu : TorchOperator
{
    public override string Name => "Gelu";

    public override TorchKernel Compile(TorchNode node) => node.Attributes.Text("approximate", "none") == "tanh"
        ? TorchKernels.Unary(node, x => x.gelu(TorchSharp.Modules.GELU.Approximate.tanh))
        : TorchKernels.Unary(node, x => x.gelu());
}
