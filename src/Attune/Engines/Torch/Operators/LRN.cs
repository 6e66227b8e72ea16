using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>x / (k + α/n · Σ x²)^β, the sum over n neighbouring channels (Krizhevsky et al. 2012).</summary>
internal sealed class LRN : TorchOperator
{
    public override string Name => "LRN";

    public override TorchKernel Compile(TorchNode node)
    {
        var size = node.Attributes.Int("size");
        var (alpha, beta, bias) = (node.Attributes.Float("alpha", 1e-4f), node.Attributes.Float("beta", 0.75f), node.Attributes.Float("bias", 1));
        return TorchKernels.Scoped(node, x =>
        {
            var pads = new long[2 * (x.dim() - 1)];   // the last axis first; the channels come last here
            (pads[^2], pads[^1]) = ((size - 1) / 2, size / 2);
            var squares = torch.nn.functional.pad(x.Square(), pads);
            var sum = squares.unfold(1, size, 1).sum(-1);
            return x.div(sum.Mul(alpha / size).Add(bias).Pow(beta));
        });
    }
}
