namespace Attune.Graphs.Operators;

/// <summary>What inference knows about a value: type, shape, and the elements of small integer vectors (shape arithmetic).</summary>
internal readonly record struct KnownValue(DataType Type, Graphs.Shape? Shape, IReadOnlyList<Dimension>? Content)
{
    /// <summary>Elements of a small float vector that is constant (the scales of Resize); null otherwise.</summary>
    public float[]? Reals { get; init; }

    /// <summary>Longest vector whose elements are followed.</summary>
    public const int MaxContent = 256;

    /// <summary>What is known about a stored tensor.</summary>
    public static KnownValue Of(Tensor tensor)
    {
        var shape = Graphs.Shape.Of([.. tensor.Sizes]);
        if (tensor.Sizes.Count > 1 || tensor.Count > MaxContent) return new(tensor.Type, shape, null);
        IReadOnlyList<Dimension>? content = tensor.Type switch
        {
            DataType.Int64 => [.. tensor.Data.Span<long>().ToArray().Select(v => new Dimension(v))],
            DataType.Int32 => [.. tensor.Data.Span<int>().ToArray().Select(v => new Dimension(v))],
            _ => null,
        };
        return new(tensor.Type, shape, content) { Reals = tensor.Type == DataType.Float && tensor.Count <= InferenceContext.MaxRank ? tensor.Data.Span<float>().ToArray() : null };
    }
}
