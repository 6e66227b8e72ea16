using DuckDB.NET.Native;

namespace Attune.Data;

/// <summary>The whole result of one SQL query on a fresh in-memory DuckDB, as native column chunks.</summary>
internal sealed unsafe class DuckDbQuery : IDisposable
{
    private readonly DuckDBDatabase _database;
    private readonly DuckDBNativeConnection _connection;
    private readonly string _file;
    private DuckDBResult _result;
    private bool _hasResult;
    private DuckDBDataChunk[] _chunks = [];
    private int[] _firstRows = [];

    /// <summary>Opens the database; it never downloads extensions.</summary>
    public DuckDbQuery(string file, int threads)
    {
        _file = file;
        if (NativeMethods.Startup.DuckDBOpen(":memory:", out _database) != DuckDBState.Success || NativeMethods.Startup.DuckDBConnect(_database, out _connection) != DuckDBState.Success)
            throw new DataFormatException(file, null, null, "DuckDB, which reads this format, did not start.");
        Run(FormattableString.Invariant($"SET threads={threads}; SET autoinstall_known_extensions=false; SET preserve_insertion_order=true; SET TimeZone='UTC'"));
    }

    /// <summary>Number of rows of the last query.</summary>
    public int Rows { get; private set; }

    /// <summary>Name and type of every column of the last query.</summary>
    public IReadOnlyList<(string Name, DuckDBType Type)> Columns { get; private set; } = [];

    /// <summary>Runs <paramref name="sql"/> and keeps its result.</summary>
    /// <exception cref="DataFormatException">DuckDB refuses; its own words and the line it names.</exception>
    public void Run(string sql)
    {
        Release();
        _hasResult = true;
        if (NativeMethods.Query.DuckDBQuery(_connection, sql, out _result) != DuckDBState.Success) throw Refused(NativeMethods.Query.DuckDBResultError(ref _result));
        var columns = new (string, DuckDBType)[(int)NativeMethods.Query.DuckDBColumnCount(ref _result)];
        for (var i = 0; i < columns.Length; i++) columns[i] = (NativeMethods.Query.DuckDBColumnName(ref _result, i), NativeMethods.Query.DuckDBColumnType(ref _result, i));
        Columns = columns;
        _chunks = new DuckDBDataChunk[NativeMethods.Types.DuckDBResultChunkCount(_result)];
        _firstRows = new int[_chunks.Length];
        long rows = 0;
        for (var i = 0; i < _chunks.Length; i++)
        {
            _chunks[i] = NativeMethods.Types.DuckDBResultGetChunk(_result, i);
            _firstRows[i] = (int)rows;
            rows += (long)NativeMethods.DataChunks.DuckDBDataChunkGetSize(_chunks[i]);
            if (rows > Array.MaxLength) throw new DataFormatException(_file, null, null, "The file has more than two thousand million rows, which one table cannot hold. Split it.");
        }
        Rows = (int)rows;
    }

    /// <summary>The chunk that holds <paramref name="row"/>, its first row and row count.</summary>
    public (int Chunk, int First, int Count) ChunkOf(int row)
    {
        var chunk = Array.BinarySearch(_firstRows, row);
        if (chunk < 0) chunk = ~chunk - 1;
        while (chunk + 1 < _firstRows.Length && _firstRows[chunk + 1] <= row) chunk++;   // empty chunks share a first row
        var next = chunk + 1 < _firstRows.Length ? _firstRows[chunk + 1] : Rows;
        return (chunk, _firstRows[chunk], next - _firstRows[chunk]);
    }

    /// <summary>Values and validity bits (null: all valid) of a column in a chunk.</summary>
    public (nint Data, nint Validity) Vector(int chunk, int column)
    {
        var vector = NativeMethods.DataChunks.DuckDBDataChunkGetVector(_chunks[chunk], column);
        return ((nint)NativeMethods.Vectors.DuckDBVectorGetData(vector), (nint)NativeMethods.Vectors.DuckDBVectorGetValidity(vector));
    }

    /// <summary>True when the value at <paramref name="index"/> of a chunk is not NULL.</summary>
    public static bool IsValid(nint validity, int index) => validity == 0 || (((ulong*)validity)[index >> 6] >> (index & 63) & 1) != 0;

    /// <summary>A path as an SQL string that no glob pattern or quote can leave.</summary>
    public static string Path(string path) => Text(path.Replace("[", "[[]", StringComparison.Ordinal).Replace("*", "[*]", StringComparison.Ordinal).Replace("?", "[?]", StringComparison.Ordinal));

    /// <summary>An SQL string.</summary>
    public static string Text(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>An SQL identifier.</summary>
    public static string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public void Dispose()
    {
        Release();
        _connection.Dispose();
        _database.Dispose();
    }

    private void Release()
    {
        foreach (var chunk in _chunks) chunk.Dispose();
        _chunks = [];
        if (_hasResult) NativeMethods.Query.DuckDBDestroyResult(ref _result);
        _hasResult = false;
    }

    private DataFormatException Refused(string message)
    {
        long? line = null;
        if (message.IndexOf("line ", StringComparison.OrdinalIgnoreCase) is var at and >= 0)
        {
            var digits = new string([.. message.AsSpan(at + 5).ToString().TakeWhile(char.IsAsciiDigit)]);
            if (long.TryParse(digits, System.Globalization.CultureInfo.InvariantCulture, out var number)) line = number;
        }
        return new DataFormatException(_file, line, null, $"The file cannot be read: {message.Split('\n')[0].Trim()} Correct the file, or write it again.");
    }
}
