using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Attune.Data;

/// <summary>
/// The skeleton of a CSV file: delimiter, header, rows and their lines, checked in one vectorised pass before any value is read.
/// Rows end with LF, CRLF or a bare CR; a quoted cell starts and ends with '"' and may hold delimiters, line ends and "" for a quote.
/// Blank lines are skipped. Every row has as many cells as the header.
/// </summary>
internal sealed unsafe class CsvStructure
{
    private static readonly byte[] Delimiters = [(byte)',', (byte)';', (byte)'\t', (byte)'|'];

    private readonly MappedFile _map;
    private readonly string _file;
    private readonly byte* _start;
    private readonly long _length;
    private long _cellStart, _rowStart, _skip = -1, _closed = -1, _checked;
    private long _line = 1, _rowLine = 1, _quoteLine;
    private int _cells;
    private bool _inQuotes;
    private long[] _rowStarts = [];
    private int[] _cellEnds = [];
    private long _ends;

    private CsvStructure(MappedFile map, string file)
    {
        (_map, _file, _length) = (map, file, map.Length);
        _start = map.Start;
    }

    /// <summary>The byte between cells.</summary>
    public byte Delimiter { get; private set; }

    /// <summary>Column names, trimmed, all different.</summary>
    public string[] Header { get; private set; } = [];

    /// <summary>Number of data rows.</summary>
    public int Rows { get; private set; }

    /// <summary>Number of blank lines that were skipped.</summary>
    public int BlankLines { get; private set; }

    /// <summary>Lines of the rows.</summary>
    public LineMap Lines { get; } = new();

    /// <summary>Offset of a row's first byte.</summary>
    public long RowStart(int row) => _rowStarts[row];

    /// <summary>Ends of a row's cells, relative to the row's start; a cell starts one byte after its predecessor's end.</summary>
    public ReadOnlySpan<int> CellEnds(int row) => _cellEnds.AsSpan(checked(row * Header.Length), Header.Length);

    /// <summary>Scans the file.</summary>
    /// <param name="map">The file's bytes.</param>
    /// <param name="file">Its name in messages.</param>
    /// <exception cref="DataFormatException">Empty, header only, not UTF-8, an unclosed quote, ragged rows, unnamed or repeated columns.</exception>
    public static CsvStructure Scan(MappedFile map, string file)
    {
        var structure = new CsvStructure(map, file);
        structure.Run();
        return structure;
    }

    private void Run()
    {
        if (_length == 0) throw new DataFormatException(_file, null, null, "The file is empty (0 bytes). It needs a header line with the column names and at least one row.");
        var mark = TextCheck.ByteOrderMark(_map.Span(0, 4), _file);
        _checked = TextCheck.Block(_map, 0, _file);
        Delimiter = DetectDelimiter(mark);
        _cellStart = _rowStart = mark;
        ScanBlocks(mark);
        if (_inQuotes) throw new DataFormatException(_file, _quoteLine, null, "A quoted cell starts on this line and is never closed. Add the closing quote (\"), or double a quote that is part of the text (\"\").");
        if (_closed >= 0 && _closed != _length) TextAfterQuote();
        if (_rowStart < _length) EndRow(_length);
        if (Header.Length == 0) throw new DataFormatException(_file, null, null, "The file holds no text. It needs a header line with the column names and at least one row.");
        if (Rows == 0) throw new DataFormatException(_file, null, null, $"The file has a header ({Header.Length} columns) but no rows. Add at least one row of data.");
    }

    // One mask of interesting bytes per 64; without quotes near, only delimiters and line ends are visited.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ScanBlocks(long position)
    {
        var delimiter = Vector512.Create(Delimiter);
        var quote = Vector512.Create((byte)'"');
        var lineFeed = Vector512.Create((byte)'\n');
        var carriageReturn = Vector512.Create((byte)'\r');
        var last = stackalloc byte[64];
        for (; position < _length; position += 64)
        {
            while (position + 64 > _checked && _checked < _length) _checked = TextCheck.Block(_map, _checked, _file);
            var from = _start + position;
            if (position + 64 > _length)
            {
                Unsafe.InitBlock(last, 0, 64);
                Unsafe.CopyBlock(last, from, (uint)(_length - position));
                from = last;
            }
            var bytes = Vector512.Load(from);
            var quotes = Vector512.Equals(bytes, quote).ExtractMostSignificantBits();
            var delimiters = Vector512.Equals(bytes, delimiter).ExtractMostSignificantBits();
            var ends = (Vector512.Equals(bytes, lineFeed) | Vector512.Equals(bytes, carriageReturn)).ExtractMostSignificantBits();
            if (quotes == 0 && !_inQuotes && _closed < 0) Unquoted(position, delimiters, ends);
            else Quoted(position, delimiters | ends | quotes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Unquoted(long position, ulong delimiters, ulong ends)
    {
        for (var mask = delimiters | ends; mask != 0; mask &= mask - 1)
        {
            var bit = BitOperations.TrailingZeroCount(mask);
            if ((delimiters >> bit & 1) != 0) EndCell(position + bit);
            else EndLine(position + bit);
        }
    }

    private void Quoted(long position, ulong mask)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            var at = position + BitOperations.TrailingZeroCount(mask);
            if (at == _skip) continue;
            var c = _start[at];
            if (c == '"') Quote(at);
            else if (_inQuotes) { if (c == '\n' || (c == '\r' && !Next(at, '\n'))) _line++; }
            else
            {
                if (_closed >= 0 && _closed != at) TextAfterQuote();
                _closed = -1;
                if (c == Delimiter) EndCell(at);
                else EndLine(at);
            }
        }
    }

    private void Quote(long at)
    {
        if (_inQuotes)
        {
            if (Next(at, '"')) _skip = at + 1;
            else (_inQuotes, _closed) = (false, at + 1);
        }
        else if (_closed >= 0) TextAfterQuote();
        else if (at == _cellStart) (_inQuotes, _quoteLine) = (true, _line);
        // else 5" in an unquoted cell: text
    }

    private void TextAfterQuote() => throw new DataFormatException(_file, _line, null,
        $"Text follows a closing quote (the quoted cell starts on line {_quoteLine}). Double a quote that is part of the text (\"\"), or remove what stands between the closing quote and the next '{DelimiterName}'.");

    private bool Next(long at, char c) => at + 1 < _length && _start[at + 1] == c;

    private void EndLine(long at)
    {
        if (at == _skip)   // the LF of a CRLF
        {
            _skip = -1;
            return;
        }
        EndRow(at);
        if (_start[at] == '\r' && Next(at, '\n')) _skip = at + 1;
        _line++;
        _rowLine = _line;
        _cellStart = _rowStart = _skip == at + 1 ? at + 2 : at + 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EndCell(long at)
    {
        if (_ends == _cellEnds.Length) Grow();
        _cellEnds[_ends++] = (int)(at - _rowStart);
        _cells++;
        _cellStart = at + 1;
    }

    private void Grow()
    {
        // The first rows tell how many cells a byte brings.
        var expected = _rowStart == 0 ? 256 : (long)((double)_ends / _rowStart * _length * 1.02) + 256;
        var size = Math.Min(Math.Max(expected, _ends * 2), Array.MaxLength);
        if (size <= _ends) throw new DataFormatException(_file, _line, null, $"The file has more than {_ends:N0} cells; a CSV file of this size cannot be read. Convert it to Parquet, which is smaller and faster to read.");
        Array.Resize(ref _cellEnds, (int)size);
    }

    private void EndRow(long at)
    {
        if (at == _rowStart && _cells == 0)
        {
            BlankLines++;
            return;
        }
        EndCell(at);
        if (Header.Length == 0) EndHeader();
        else
        {
            if (_cells != Header.Length) Ragged();
            if (Rows == _rowStarts.Length) Array.Resize(ref _rowStarts, (int)Math.Min(Array.MaxLength, Math.Max(Rows * 2L, 64 + (long)(_length / Math.Max(1.0, (double)(at - RowsStart) / (Rows + 1)) * 1.02))));
            _rowStarts[Rows] = _rowStart;
            Lines.Add(Rows, _rowLine);
            Rows++;
        }
        _cells = 0;
    }

    private long RowsStart { get; set; }

    private void EndHeader()
    {
        var names = new string[_cells];
        var start = _rowStart;
        for (var i = 0; i < _cells; i++)
        {
            var end = _rowStart + _cellEnds[i];
            var text = CsvCells.Unquote(_map.Span(start, end - start)).Trim();
            if (text.Length == 0)
            {
                throw new DataFormatException(_file, _rowLine, null,
                    $"Column {(i + 1).ToString(CultureInfo.InvariantCulture)} of {_cells} has no name. Name it in the header, or remove it (a row number written by another tool is often called nothing).");
            }
            names[i] = text;
            start = end + 1;
        }
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++)
        {
            if (!seen.TryAdd(names[i], i)) throw new DataFormatException(_file, _rowLine, names[i], $"The column name '{names[i]}' occurs twice (columns {seen[names[i]] + 1} and {i + 1}). Rename or remove one of them.");
        }
        Header = names;
        (_ends, RowsStart) = (0, _rowStart);
    }

    private void Ragged() => throw new DataFormatException(_file, _rowLine, null,
        $"The row has {_cells} {(_cells == 1 ? "cell" : "cells")}; the header has {Header.Length}. Add or remove the difference; a cell that holds '{DelimiterName}' must be quoted.");

    private string DelimiterName => Delimiter == '\t' ? "tab" : ((char)Delimiter).ToString();

    // The delimiter that cuts the header into most columns; one that cuts the next line alike goes first.
    private byte DetectDelimiter(long start)
    {
        var (best, bestScore) = ((byte)',', 0);
        foreach (var candidate in Delimiters)
        {
            var position = start;
            var header = CountInLine(candidate, ref position);
            if (header == 0) continue;
            var alike = position < _length && CountInLine(candidate, ref position) == header;
            var score = header + (alike ? 1 << 20 : 0);
            if (score > bestScore) (best, bestScore) = (candidate, score);
        }
        return best;
    }

    private int CountInLine(byte candidate, ref long position)
    {
        while (position < _length && _start[position] is (byte)'\n' or (byte)'\r') position++;
        int count = 0;
        var quoted = false;
        for (; position < _length; position++)
        {
            var c = _start[position];
            if (c == '"') quoted = !quoted;
            else if (!quoted && c == candidate) count++;
            else if (!quoted && c is (byte)'\n' or (byte)'\r') break;
        }
        return count;
    }
}
