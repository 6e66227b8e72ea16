using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>ln Σ eˣ, without overflow.</summary>
internal sealed class ReduceLogSumExp() : ReductionOperator("ReduceLogSumExp", Compute)
{
    private static torch.Tensor Compute(torch.Tensor x, long[] axes, bool keeps)
    {
        using var scope = torch.NewDisposeScope();
        var result = x.is_floating_point() ? x.alias() : x.As(torch.ScalarType.Float64);
        foreach (var axis in FromLast(x, axes)) result = result.logsumexp(axis, keeps);
        return result.As(x.dtype).MoveToOuterDisposeScope();
    }
}
