using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>Indices as libtorch wants them.</summary>
internal static class Indices
{
    /// <summary>int64 indices in 0…size-1 from ones that may count from the end. Owned by the caller.</summary>
    public static torch.Tensor Positive(torch.Tensor indices, long size)
    {
        using var wide = indices.As(torch.ScalarType.Int64);
        using var isNegative = wide.Lt(0);
        using var shift = isNegative.Mul(size);
        return wide.Add(shift);
    }
}
