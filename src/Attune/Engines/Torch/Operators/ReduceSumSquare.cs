using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Σ x².</summary>
internal sealed class ReduceSumSquare() : ReductionOperator("ReduceSumSquare", Compute, x => x.Square())
{
    private static torch.Tensor Compute(torch.Tensor x, long[] axes, bool keeps)
    {
        var squares = x.mul(x);
        if (axes.Length == 0) return squares;
        using (squares) return squares.sum(axes, keeps, x.dtype);
    }
}
