namespace Attune.Graphs;

/// <summary>Element types, numbered as ONNX numbers them (TensorProto.DataType).</summary>
public enum DataType
{
#pragma warning disable CS1591 // the names are ONNX's own
    Undefined = 0,
    Float = 1,
    UInt8 = 2,
    Int8 = 3,
    UInt16 = 4,
    Int16 = 5,
    Int32 = 6,
    Int64 = 7,
    String = 8,
    Bool = 9,
    Float16 = 10,
    Double = 11,
    UInt32 = 12,
    UInt64 = 13,
    Complex64 = 14,
    Complex128 = 15,
    BFloat16 = 16,
    Float8E4M3FN = 17,
    Float8E4M3FNUZ = 18,
    Float8E5M2 = 19,
    Float8E5M2FNUZ = 20,
    UInt4 = 21,
    Int4 = 22,
    Float4E2M1 = 23,
#pragma warning restore CS1591
}

/// <summary>Facts about element types.</summary>
public static class DataTypes
{
    /// <summary>Bits of one element; 0 for strings and undefined.</summary>
    public static int Bits(this DataType type) => type switch
    {
        DataType.Float or DataType.Int32 or DataType.UInt32 => 32,
        DataType.Double or DataType.Int64 or DataType.UInt64 or DataType.Complex64 => 64,
        DataType.Complex128 => 128,
        DataType.Float16 or DataType.BFloat16 or DataType.Int16 or DataType.UInt16 => 16,
        DataType.UInt8 or DataType.Int8 or DataType.Bool => 8,
        DataType.Float8E4M3FN or DataType.Float8E4M3FNUZ or DataType.Float8E5M2 or DataType.Float8E5M2FNUZ => 8,
        DataType.UInt4 or DataType.Int4 or DataType.Float4E2M1 => 4,
        _ => 0,
    };

    /// <summary>True for the types that hold real numbers and can train (float, double, float16, bfloat16).</summary>
    public static bool IsFloating(this DataType type) => type is DataType.Float or DataType.Double or DataType.Float16 or DataType.BFloat16;

    /// <summary>True for signed and unsigned integers of every width.</summary>
    public static bool IsInteger(this DataType type) => type is DataType.Int4 or DataType.UInt4 or DataType.Int8 or DataType.UInt8 or DataType.Int16 or DataType.UInt16 or DataType.Int32
        or DataType.UInt32 or DataType.Int64 or DataType.UInt64;

    /// <summary>Bytes that <paramref name="elements"/> packed elements need.</summary>
    /// <exception cref="OverflowException">The product exceeds 63 bits.</exception>
    public static long ByteLength(this DataType type, long elements) => checked((elements * type.Bits() + 7) / 8);
}
