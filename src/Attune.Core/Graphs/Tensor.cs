namespace Attune.Graphs;

/// <summary>
/// A constant array: element type, sizes and raw little-endian bytes, row-major; strings are kept as <see cref="Strings"/> instead of bytes.
/// </summary>
public sealed class Tensor
{
    /// <summary>A tensor over <paramref name="data"/>; the byte count must fit type and sizes.</summary>
    public Tensor(DataType type, IReadOnlyList<long> sizes, TensorBuffer data)
    {
        (Type, Sizes, Data, Strings) = (type, sizes, data, []);
        Count = Product(sizes);
        if (type.Bits() == 0) throw new ArgumentException($"A tensor of {type} has no raw bytes.", nameof(type));
        if (type.ByteLength(Count) != data.ByteLength)
            throw new ArgumentException($"{type}[{string.Join(", ", sizes)}] needs {type.ByteLength(Count)} bytes; got {data.ByteLength}.", nameof(data));
    }

    /// <summary>A tensor of strings.</summary>
    public Tensor(IReadOnlyList<string> strings, IReadOnlyList<long> sizes)
    {
        (Type, Sizes, Strings, Data) = (DataType.String, sizes, strings, TensorBuffer.Allocate(0));
        Count = Product(sizes);
        if (Count != strings.Count) throw new ArgumentException($"String[{string.Join(", ", sizes)}] needs {Count} strings; got {strings.Count}.", nameof(strings));
    }

    /// <summary>Element type.</summary>
    public DataType Type { get; }

    /// <summary>Sizes; empty for a scalar.</summary>
    public IReadOnlyList<long> Sizes { get; }

    /// <summary>Number of elements.</summary>
    public long Count { get; }

    /// <summary>Raw bytes; empty for strings.</summary>
    public TensorBuffer Data { get; }

    /// <summary>The elements of a string tensor; empty for other types.</summary>
    public IReadOnlyList<string> Strings { get; }

    /// <summary>A float tensor from a copy of <paramref name="values"/>.</summary>
    public static Tensor Of(ReadOnlySpan<float> values, params long[] sizes) => new(DataType.Float, sizes, TensorBuffer.From(values));

    /// <summary>An int64 tensor from a copy of <paramref name="values"/>.</summary>
    public static Tensor Of(ReadOnlySpan<long> values, params long[] sizes) => new(DataType.Int64, sizes, TensorBuffer.From(values));

    /// <summary>A double tensor from a copy of <paramref name="values"/>.</summary>
    public static Tensor Of(ReadOnlySpan<double> values, params long[] sizes) => new(DataType.Double, sizes, TensorBuffer.From(values));

    /// <summary>Product of sizes.</summary>
    /// <exception cref="ArgumentException">A size is negative or the product exceeds 63 bits.</exception>
    public static long Product(IReadOnlyList<long> sizes)
    {
        long product = 1;
        foreach (var size in sizes)
        {
            if (size < 0) throw new ArgumentException($"Size {size} is negative.", nameof(sizes));
            try { product = checked(product * size); }
            catch (OverflowException) { throw new ArgumentException($"The product of [{string.Join(", ", sizes)}] exceeds 63 bits.", nameof(sizes)); }
        }
        return product;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Type}[{string.Join(", ", Sizes)}]";
}
