namespace Attune.Data;

/// <summary>Text cells of a DuckDB result, straight from its string vectors.</summary>
internal sealed unsafe class DuckDbCells(DuckDbQuery query) : CellSource
{
    private const int InlineBytes = 12;

    public override int Rows => query.Rows;

    public override int Read(int column, int firstRow, Span<Cell> cells)
    {
        var filled = 0;
        while (filled < cells.Length && firstRow + filled < Rows)
        {
            var (chunk, first, count) = query.ChunkOf(firstRow + filled);
            var (data, validity) = query.Vector(chunk, column);
            var from = firstRow + filled - first;
            var take = Math.Min(count - from, cells.Length - filled);
            for (var i = 0; i < take; i++)
            {
                // duckdb_string_t: length, then 12 bytes inline or 4 of prefix and a pointer
                var text = (byte*)data + (from + i) * 16L;
                var length = *(int*)text;
                cells[filled + i] = !DuckDbQuery.IsValid(validity, from + i) ? default : new Cell(length <= InlineBytes ? text + 4 : *(byte**)(text + 8), length);
            }
            filled += take;
        }
        return filled;
    }

    public override void Dispose() => query.Dispose();
}
