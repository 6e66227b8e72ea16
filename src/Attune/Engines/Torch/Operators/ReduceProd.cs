using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Π x.</summary>
internal sealed class ReduceProd() : ReductionOperator("ReduceProd", Compute)
{
    private static torch.Tensor Compute(torch.Tensor x, long[] axes, bool keeps)
    {
        using var scope = torch.NewDisposeScope();
        var result = x.alias();
        foreach (var axis in FromLast(x, axes)) result = result.prod(axis, keeps, x.dtype);
        return result.MoveToOuterDisposeScope();
    }
}
