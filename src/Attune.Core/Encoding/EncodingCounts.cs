namespace Attune.Encoding;

/// <summary>What happened to the cells of a table while it was encoded: nothing is imputed, unknown or clipped silently.</summary>
/// <param name="Rows">Number of rows encoded.</param>
/// <param name="Columns">One entry per encoded column, in order.</param>
public sealed record EncodingCounts(int Rows, IReadOnlyList<ColumnCount> Columns)
{
    /// <summary>Texts that were cut because they are longer than the model reads; 0 for other cells.</summary>
    public int Truncated { get; init; }

    /// <summary>Empty cells in all columns.</summary>
    public long Missing => Columns.Sum(c => c.Missing);

    /// <summary>Cells with unknown categories in all columns.</summary>
    public long Unknown => Columns.Sum(c => c.Unknown);

    /// <summary>Clipped numbers in all columns.</summary>
    public long Clipped => Columns.Sum(c => c.Clipped);
}
