using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Attune.Data;

/// <summary>The cells of a scanned CSV file, straight from its bytes.</summary>
internal sealed unsafe class CsvCells(MappedFile map, CsvStructure structure) : CellSource
{
    private readonly List<nint> _unescaped = [];
    private readonly Lock _lock = new();

    public override int Rows => structure.Rows;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int Read(int column, int firstRow, Span<Cell> cells)
    {
        var count = Math.Min(cells.Length, Rows - firstRow);
        for (var i = 0; i < count; i++)
        {
            var ends = structure.CellEnds(firstRow + i);
            var from = column == 0 ? 0 : ends[column - 1] + 1;
            var start = map.Start + structure.RowStart(firstRow + i) + from;
            var length = ends[column] - from;
            cells[i] = length > 0 && *start == '"' ? Quoted(start + 1, length - 2) : new Cell(start, length);
        }
        return count;
    }

    /// <summary>The text of one raw cell.</summary>
    public static string Unquote(ReadOnlySpan<byte> raw) => raw.Length >= 2 && raw[0] == '"'
        ? System.Text.Encoding.UTF8.GetString(raw[1..^1]).Replace("\"\"", "\"", StringComparison.Ordinal)
        : System.Text.Encoding.UTF8.GetString(raw);

    public override void Dispose()
    {
        foreach (var pointer in _unescaped) NativeMemory.Free((void*)pointer);
        _unescaped.Clear();
    }

    private Cell Quoted(byte* start, int length)
    {
        var text = new ReadOnlySpan<byte>(start, length);
        if (!text.Contains((byte)'"')) return new Cell(start, length);
        var copy = (byte*)NativeMemory.Alloc((nuint)length);
        lock (_lock) _unescaped.Add((nint)copy);
        var written = 0;
        for (var i = 0; i < length; i++)
        {
            copy[written++] = start[i];
            if (start[i] == '"') i++;
        }
        return new Cell(copy, written);
    }
}
