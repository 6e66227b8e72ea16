namespace Attune.Data;

/// <summary>Physical line (1-based) of each data row, kept as the few places where a row is not on the line after its predecessor's.</summary>
internal sealed class LineMap
{
    private readonly List<int> _rows = [];
    private readonly List<long> _lines = [];
    private long _next = -1;

    /// <summary>Notes the line on which the next row starts.</summary>
    public void Add(int row, long line)
    {
        if (line != _next)
        {
            _rows.Add(row);
            _lines.Add(line);
        }
        _next = line + 1;
    }

    /// <summary>Line on which <paramref name="row"/> starts.</summary>
    public long LineOf(int row)
    {
        var i = _rows.BinarySearch(row);
        if (i < 0) i = ~i - 1;
        return i < 0 ? row + 2L : _lines[i] + (row - _rows[i]);
    }
}
