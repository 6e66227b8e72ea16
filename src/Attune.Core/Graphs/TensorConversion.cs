namespace Attune.Graphs;

/// <summary>Conversion of element types.</summary>
public static class TensorConversion
{
    /// <summary>The same numbers as fp32: the tensor itself when it is, else a converted copy. Exact from fp16 and bf16; doubles round to nearest.</summary>
    /// <exception cref="ArgumentException">The type is not float, double, fp16 or bf16.</exception>
    public static Tensor ToFloat(this Tensor tensor) => tensor.ToFloating(DataType.Float);

    /// <summary>The same numbers as <paramref name="target"/> (float, double, fp16 or bf16), rounded to nearest, ties to even.</summary>
    /// <exception cref="ArgumentException">Source or target is not float, double, fp16 or bf16.</exception>
    public static Tensor ToFloating(this Tensor tensor, DataType target)
    {
        if (tensor.Type == target && target.IsFloating()) return tensor;
        var result = TensorBuffer.Allocate(target.ByteLength(tensor.Count));
        const int Chunk = 1 << 20;
        for (long start = 0; start < tensor.Count; start += Chunk)
        {
            var count = (int)Math.Min(Chunk, tensor.Count - start);
            switch (tensor.Type)
            {
                case DataType.Float: Narrow<float>(tensor.Data.Span<float>(start, count), target, result, start); break;
                case DataType.Double: Narrow<double>(tensor.Data.Span<double>(start, count), target, result, start); break;
                case DataType.Float16: Narrow<Half>(tensor.Data.Span<Half>(start, count), target, result, start); break;
                case DataType.BFloat16: Narrow<float>(Widen(tensor.Data.Span<ushort>(start, count)), target, result, start); break;
                default: throw new ArgumentException($"{tensor} does not hold real numbers.", nameof(tensor));
            }
        }
        return new Tensor(target, tensor.Sizes, result);
    }

    private static void Narrow<T>(ReadOnlySpan<T> source, DataType target, TensorBuffer result, long start) where T : unmanaged, System.Numerics.INumber<T>
    {
        switch (target)
        {
            case DataType.Float: Convert(source, result.Span<float>(start, source.Length)); break;
            case DataType.Double: Convert(source, result.Span<double>(start, source.Length)); break;
            case DataType.Float16: Convert(source, result.Span<Half>(start, source.Length)); break;
            case DataType.BFloat16:
                var narrow = result.Span<ushort>(start, source.Length);
                for (var i = 0; i < narrow.Length; i++) narrow[i] = ToBFloat16(float.CreateTruncating(source[i]));
                break;
            default: throw new ArgumentException($"{target} does not hold real numbers.", nameof(target));
        }
    }

    private static void Convert<TFrom, TTo>(ReadOnlySpan<TFrom> source, Span<TTo> target)
        where TFrom : unmanaged, System.Numerics.INumber<TFrom>
        where TTo : unmanaged, System.Numerics.INumber<TTo>
    {
        for (var i = 0; i < target.Length; i++) target[i] = TTo.CreateTruncating(source[i]);
    }

    private static float[] Widen(ReadOnlySpan<ushort> source)
    {
        var wide = new float[source.Length];
        for (var i = 0; i < wide.Length; i++) wide[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
        return wide;
    }

    private static ushort ToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value)) return (ushort)((bits >> 16) | 0x40);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
