using Attune.Graphs;
using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>α·A'·B' + β·C, A' and B' transposed on request; the usual linear layer (transB, α = β = 1, C of rank 1) is one call.</summary>
internal sealed class Gemm : TorchOperator
{
    public override string Name => "Gemm";

    public override TorchKernel Compile(TorchNode node)
    {
        var (a, b, c) = (node.Slot(0), node.Slot(1), node.Slot(2));
        var (alpha, beta) = (node.Attributes.Float("alpha", 1), node.Attributes.Float("beta", 1));
        var (transA, transB) = (node.Attributes.Int("transA") != 0, node.Attributes.Int("transB") != 0);
        var isLinear = !transA && alpha == 1 && beta == 1 && node.Type(0).IsFloating() && (c < 0 || node.Shape(2) is { Length: 1 } bias && bias[0] > 1);
        if (isLinear)
        {
            return TorchKernels.One(frame =>
            {
                using var x = frame.Compute(a);
                using var w = frame.Compute(b);
                using var bias = frame.ComputeOptional(c);
                if (transB) return torch.nn.functional.linear(x, w, bias.Value);
                using var turned = w.Value!.t();
                return torch.nn.functional.linear(x, turned, bias.Value);
            });
        }
        return TorchKernels.One(frame =>
        {
            using var scope = torch.NewDisposeScope();
            using var x = frame.Compute(a);
            using var w = frame.Compute(b);
            var product = torch.mm(transA ? x.Value!.t() : x.Value!, transB ? w.Value!.t() : w.Value!);
            if (alpha != 1) product = product.Mul(alpha);
            if (c < 0 || beta == 0) return product.MoveToOuterDisposeScope();
            using var bias = frame.Compute(c);
            return product.Add(beta == 1 ? bias.Value! : bias.Value!.Mul(beta)).to_type(product.dtype).MoveToOuterDisposeScope();
        });
    }
}
