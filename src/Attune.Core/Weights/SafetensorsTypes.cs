using Attune.Graphs;

namespace Attune.Weights;

/// <summary>The element types of safetensors under the format's own names.</summary>
internal static class SafetensorsTypes
{
    private static readonly (string Name, DataType Type)[] _all =
    [
        ("BF16", DataType.BFloat16), ("BOOL", DataType.Bool), ("F16", DataType.Float16), ("F32", DataType.Float), ("F64", DataType.Double),
        ("F8_E4M3", DataType.Float8E4M3FN), ("F8_E5M2", DataType.Float8E5M2), ("I16", DataType.Int16), ("I32", DataType.Int32),
        ("I64", DataType.Int64), ("I8", DataType.Int8), ("U16", DataType.UInt16), ("U32", DataType.UInt32), ("U64", DataType.UInt64), ("U8", DataType.UInt8),
    ];

    /// <summary>All names, alphabetically.</summary>
    public static IEnumerable<string> Names => _all.Select(t => t.Name);

    /// <summary>The type called <paramref name="name"/>, or undefined.</summary>
    public static DataType Parse(string name) => Array.Find(_all, t => t.Name == name).Type;

    /// <summary>The format's name of <paramref name="type"/>, or null when safetensors has none.</summary>
    public static string? NameOf(DataType type) => Array.Find(_all, t => t.Type == type).Name;
}
