using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Σ |x|.</summary>
internal sealed class ReduceL1() : ReductionOperator("ReduceL1", Compute, x => x.abs())
{
    private static torch.Tensor Compute(torch.Tensor x, long[] axes, bool keeps)
    {
        var positive = x.abs();
        if (axes.Length == 0) return positive;
        using (positive) return positive.sum(axes, keeps, x.dtype);
    }
}
