namespace Attune.Data;

/// <summary>The bytes (UTF-8, unquoted) of one cell in memory that its <see cref="CellSource"/> keeps alive.</summary>
internal readonly unsafe struct Cell(byte* start, int length)
{
    public readonly byte* Start = start;
    public readonly int Length = length;

    /// <summary>The bytes; empty for a missing cell.</summary>
    public ReadOnlySpan<byte> Bytes => new(Start, Length);

    public override string ToString() => System.Text.Encoding.UTF8.GetString(Bytes);
}
