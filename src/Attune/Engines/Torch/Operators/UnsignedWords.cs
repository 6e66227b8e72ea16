using Attune.Graphs;
using TorchSharp;

namespace Attune.Engines.Torch.Operators;

/// <summary>
/// Unsigned integers above 8 bits, which libtorch keeps here in the next larger signed type: uint16 in int32, uint32 in int64, uint64 as the bits of int64. Sums,
/// differences and products of all three wrap as they should; quotients, remainders and reals of uint64 are right below 2^63.
/// </summary>
internal static class UnsignedWords
{
    /// <summary>True when results have to be brought back into range.</summary>
    public static bool Needs(DataType type) => type is DataType.UInt16 or DataType.UInt32;

    /// <summary>The value modulo 2^16 or 2^32; the value itself for other types. Owned by the caller.</summary>
    public static torch.Tensor Wrap(torch.Tensor value, DataType type) => type switch
    {
        DataType.UInt16 => value.Remainder(1L << 16),
        DataType.UInt32 => value.Remainder(1L << 32),
        _ => value.alias(),
    };

    /// <summary>uint64 → int64 with the same order; its own inverse.</summary>
    public static torch.Tensor Ordered(torch.Tensor value)
    {
        using var top = torch.tensor(long.MinValue, device: value.device);
        return value.bitwise_xor(top);
    }
}
