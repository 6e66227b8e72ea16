using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>(Σ |x|ᵖ)^(1/p) of each window.</summary>
internal sealed class LpPool : TorchOperator
{
    public override string Name => "LpPool";

    public override TorchKernel Compile(TorchNode node)
    {
        var kernel = node.Attributes.Get<long[]>("kernel_shape") ?? throw new NotSupportedException("attribute 'kernel_shape' is missing");
        var window = new SlidingWindow(node, kernel);
        var (ceil, p) = (node.Attributes.Int("ceil_mode") != 0, node.Attributes.Int("p", 2));
        long[] over = [.. Enumerable.Range(1, kernel.Length).Select(i => -(long)i)];
        return TorchKernels.Scoped(node, x => window.Windows(window.Fitted(x, 0, ceil)).Norm(p, over, false));
    }
}
