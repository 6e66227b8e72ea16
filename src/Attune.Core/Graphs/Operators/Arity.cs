namespace Attune.Graphs.Operators;

/// <summary>Least and greatest number of inputs or outputs.</summary>
public readonly record struct Arity(int Min, int Max)
{
    /// <summary>At least <paramref name="min"/>, without upper limit.</summary>
    public static Arity AtLeast(int min) => new(min, int.MaxValue);

    /// <inheritdoc/>
    public override string ToString() => Max == int.MaxValue ? $"{Min} or more" : Min == Max ? $"{Min}" : $"{Min} to {Max}";
}
