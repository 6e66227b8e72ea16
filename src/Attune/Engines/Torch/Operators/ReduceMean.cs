using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Mean; integers are cut towards 0.</summary>
internal sealed class ReduceMean() : ReductionOperator("ReduceMean", Compute)
{
    private static torch.Tensor Compute(torch.Tensor x, long[] axes, bool keeps)
    {
        if (axes.Length == 0) return x.alias();
        if (x.is_floating_point()) return x.mean(axes, keeps);
        using var wide = x.As(torch.ScalarType.Float64);
        using var mean = wide.mean(axes, keeps);
        return mean.As(x.dtype);
    }
}
