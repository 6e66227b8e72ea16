using System.Globalization;

namespace Attune.Graphs;

/// <summary>One axis: a known size, a symbol ("B"), or unknown (both null).</summary>
public readonly record struct Dimension(long? Size, string? Symbol = null)
{
    /// <summary>A known size.</summary>
    public static implicit operator Dimension(long size) => new(size);

    /// <summary>A symbolic size.</summary>
    public static implicit operator Dimension(string symbol) => new(null, symbol);

    /// <inheritdoc/>
    public override string ToString() => Size?.ToString(CultureInfo.InvariantCulture) ?? Symbol ?? "?";
}

/// <summary>The axes of a value, row-major; an empty list is a scalar. An unknown rank is a null <see cref="Shape"/>.</summary>
public sealed class Shape(params IReadOnlyList<Dimension> dimensions) : IEquatable<Shape>
{
    /// <summary>The axes.</summary>
    public IReadOnlyList<Dimension> Dimensions { get; } = dimensions;

    /// <summary>Number of axes.</summary>
    public int Rank => Dimensions.Count;

    /// <summary>Axis <paramref name="axis"/>; negative counts from the end.</summary>
    public Dimension this[int axis] => Dimensions[axis < 0 ? axis + Rank : axis];

    /// <summary>A shape of known sizes.</summary>
    public static Shape Of(params ReadOnlySpan<long> sizes)
    {
        var dimensions = new Dimension[sizes.Length];
        for (var i = 0; i < sizes.Length; i++) dimensions[i] = sizes[i];
        return new Shape(dimensions);
    }

    /// <summary>The sizes when all are known, else null.</summary>
    public long[]? Known()
    {
        var sizes = new long[Rank];
        for (var i = 0; i < Rank; i++)
        {
            if (Dimensions[i].Size is not { } size) return null;
            sizes[i] = size;
        }
        return sizes;
    }

    /// <inheritdoc/>
    public bool Equals(Shape? other) => other is not null && Dimensions.SequenceEqual(other.Dimensions);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Shape);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var dimension in Dimensions) hash.Add(dimension);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => "[" + string.Join(", ", Dimensions) + "]";
}

/// <summary>A named value with its element type and, where known, its shape.</summary>
public sealed record ValueInfo(string Name, DataType Type, Shape? Shape);
