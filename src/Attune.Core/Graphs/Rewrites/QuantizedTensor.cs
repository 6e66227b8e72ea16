namespace Attune.Graphs.Rewrites;

/// <summary>(q − zero point) · scale for stored integers: per tensor, per index of an axis, or per block; int4 to int32 and their unsigned kin.</summary>
internal static class QuantizedTensor
{
    /// <summary>The real numbers as fp32, or null when type or shapes of the parts do not fit.</summary>
    /// <param name="values">The integers.</param>
    /// <param name="scale">One scale, one for each index of <paramref name="axis"/>, or one for each block.</param>
    /// <param name="zero">Zero points like the scales; null means 0.</param>
    /// <param name="axis">Axis of the scales.</param>
    /// <param name="block">Elements that share a scale along the axis; 0 without blocks.</param>
    public static Tensor? Dequantize(Tensor values, Tensor scale, Tensor? zero, long axis, long block)
    {
        if (!scale.Type.IsFloating() || (zero is not null && zero.Count != scale.Count)) return null;
        var rank = values.Sizes.Count;
        var at = (int)(axis < 0 ? axis + rank : axis);
        var scales = scale.ToFloat();
        if (Reader(values) is not { } read || (zero is null ? null : Reader(zero)) is var offset && zero is not null && offset is null) return null;
        if (scale.Count != 1 && (at < 0 || at >= rank)) return null;
        long inner = 1, size = 1;
        if (scale.Count != 1)
        {
            for (var i = at + 1; i < rank; i++) inner *= values.Sizes[i];
            size = values.Sizes[at];
            var expected = block > 0 ? values.Count / Math.Max(1, size) * ((size + block - 1) / block) : size;
            if (scale.Count != expected) return null;
        }
        var blocks = block > 0 ? (size + block - 1) / block : 0;
        var data = TensorBuffer.Allocate(DataType.Float.ByteLength(values.Count));
        for (long i = 0; i < values.Count; i++)
        {
            long index = 0;
            if (scale.Count != 1)
            {
                var along = i / inner % size;
                index = block > 0 ? (i / (inner * size) * blocks + along / block) * inner + i % inner : along;
            }
            data.Span<float>(i, 1)[0] = (read(i) - (offset?.Invoke(index) ?? 0)) * scales.Data.Span<float>(index, 1)[0];
        }
        return new Tensor(DataType.Float, values.Sizes, data);
    }

    /// <summary>The smallest and the largest integer of a type; null for types that are no quantized ones.</summary>
    public static (long Min, long Max)? Range(DataType type) => type switch
    {
        DataType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
        DataType.UInt8 => (byte.MinValue, byte.MaxValue),
        DataType.Int16 => (short.MinValue, short.MaxValue),
        DataType.UInt16 => (ushort.MinValue, ushort.MaxValue),
        DataType.Int4 => (-8, 7),
        DataType.UInt4 => (0, 15),
        _ => null,
    };

    /// <summary>The integer at an index of a small tensor; null for other types.</summary>
    public static long? At(Tensor tensor, long index) => index < tensor.Count ? Reader(tensor)?.Invoke(index) : null;

    private static Func<long, int>? Reader(Tensor tensor) => tensor.Type switch
    {
        DataType.Int8 => i => tensor.Data.Span<sbyte>(i, 1)[0],
        DataType.UInt8 => i => tensor.Data.Span<byte>(i, 1)[0],
        DataType.Int16 => i => tensor.Data.Span<short>(i, 1)[0],
        DataType.UInt16 => i => tensor.Data.Span<ushort>(i, 1)[0],
        DataType.Int32 => i => tensor.Data.Span<int>(i, 1)[0],
        DataType.UInt4 => i => (tensor.Data.Span<byte>(i / 2, 1)[0] >> (int)(i % 2 * 4)) & 0xF,
        DataType.Int4 => i => (sbyte)(((tensor.Data.Span<byte>(i / 2, 1)[0] >> (int)(i % 2 * 4)) & 0xF) << 4) >> 4,
        _ => null,
    };
}
