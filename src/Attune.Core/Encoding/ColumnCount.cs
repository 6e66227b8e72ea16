namespace Attune.Encoding;

/// <summary>What happened to one column's cells while they were encoded.</summary>
/// <param name="Column">Name of the column.</param>
/// <param name="Missing">Empty cells.</param>
/// <param name="Unknown">Cells with a category that training did not have.</param>
/// <param name="Clipped">Numbers that were cut to the encoder's limits.</param>
public readonly record struct ColumnCount(string Column, long Missing, long Unknown, long Clipped)
{
    /// <summary>The sums over two parts of one column.</summary>
    public static ColumnCount operator +(ColumnCount a, ColumnCount b) => new(a.Column ?? b.Column, a.Missing + b.Missing, a.Unknown + b.Unknown, a.Clipped + b.Clipped);

    /// <summary>The same as the operator.</summary>
    public static ColumnCount Add(ColumnCount left, ColumnCount right) => left + right;
}
