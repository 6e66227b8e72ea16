using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>ln Σ x.</summary>
internal sealed class ReduceLogSum() : ReductionOperator("ReduceLogSum", Compute, x => x.log())
{
    private static torch.Tensor Compute(torch.Tensor x, long[] axes, bool keeps)
    {
        using var sum = axes.Length == 0 ? x.alias() : x.sum(axes, keeps, x.dtype);
        using var log = sum.log();
        return log.As(x.dtype);
    }
}
