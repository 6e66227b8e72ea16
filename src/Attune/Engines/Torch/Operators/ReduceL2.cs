using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>√Σ x²; its gradient at 0 is 0.</summary>
internal sealed class ReduceL2() : ReductionOperator("ReduceL2", Compute, x => x.abs())
{
    private static torch.Tensor Compute(torch.Tensor x, long[] axes, bool keeps)
    {
        if (axes.Length == 0) return x.abs();
        if (x.is_floating_point()) return x.Norm(2, axes, keeps);
        using var wide = x.As(torch.ScalarType.Float64);
        using var norm = wide.Norm(2, axes, keeps);
        return norm.As(x.dtype);
    }
}
