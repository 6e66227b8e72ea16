using System.Globalization;
using System.Text.Json;
using DuckDB.NET.Native;

namespace Attune.Data;

/// <summary>Reads Parquet and JSON through DuckDB: numbers, dates and words as the file declares them.</summary>
internal static class DuckDbTable
{
    private enum Storage
    {
        Numbers,
        Dates,
        Words,
        Nested,
    }

    public static Table Read(string path, TableFormat format, TableReadOptions options)
    {
        using var query = new DuckDbQuery(path, options.EffectiveThreads);
        var source = format == TableFormat.Parquet
            ? $"read_parquet({DuckDbQuery.Path(path)})"
            : $"read_json({DuckDbQuery.Path(path)}, sample_size=-1, format='{(IsLines(path) ? "newline_delimited" : "auto")}')";
        try
        {
            query.Run($"SELECT * FROM {source} LIMIT 0");
        }
        catch (DataFormatException e) when (format == TableFormat.Json && IsLines(path) && BrokenLine(path) is { } broken)
        {
            throw new DataFormatException(path, broken, null, "The line is not one JSON object. Correct it; every line of a JSON Lines file holds a whole object.", e);
        }
        var header = query.Columns.Select(c => c.Name).ToList();
        var types = query.Columns.Select(c => StorageOf(c.Type)).ToList();
        var plan = ColumnPlan.Make(path, header, options);
        var selected = Enumerable.Range(0, plan.Count).Select(i => Select(plan[i].Name, types[plan[i].Index]));
        query.Run($"SELECT {string.Join(", ", selected)} FROM {source}");
        if (query.Rows == 0) throw new DataFormatException(path, null, null, "The file has columns but no rows. Add at least one row of data.");

        var lines = format == TableFormat.Json && IsLines(path) ? Lines(path, query.Rows) : null;
        var cells = new DuckDbCells(query);
        var reader = new ColumnReader(cells, path, options.MissingWords, row => lines?.LineOf(row));
        reader.ParseNumbers([.. Enumerable.Range(0, plan.Count).Where(i => types[plan[i].Index] == Storage.Words && plan[i].Kind is not null)], options.EffectiveThreads);
        var results = new ColumnReader.Result[plan.Count];
        plan.ForEach(options.EffectiveThreads, i => results[i] = types[plan[i].Index] switch
        {
            Storage.Numbers => Numbers(query, i, plan[i], path, row => lines?.LineOf(row)),
            Storage.Dates => Dates(query, i, plan[i], path),
            Storage.Nested => new(reader.AsWords(i, plan[i].Name), new ColumnSchema(plan[i].Name, ColumnKind.Text, "nested values"), null),
            _ when plan[i].AsWords => Kept(reader.AsWords(i, plan[i].Name)),
            _ => plan[i].Kind is { } kind ? reader.Read(i, plan[i].Name, kind) : reader.InferWords(i, plan[i].Name),
        });
        return ColumnPlan.ToTable(path, query.Rows, results, [], lines is null ? null : lines.LineOf);
    }

    private static bool IsLines(string path) => !path.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    private static Storage StorageOf(DuckDBType type) => type switch
    {
        DuckDBType.TinyInt or DuckDBType.SmallInt or DuckDBType.Integer or DuckDBType.BigInt or DuckDBType.HugeInt or
        DuckDBType.UnsignedTinyInt or DuckDBType.UnsignedSmallInt or DuckDBType.UnsignedInteger or DuckDBType.UnsignedBigInt or DuckDBType.UnsignedHugeInt or
        DuckDBType.Float or DuckDBType.Double or DuckDBType.Decimal => Storage.Numbers,
        DuckDBType.Date or DuckDBType.Timestamp or DuckDBType.TimestampS or DuckDBType.TimestampMs or DuckDBType.TimestampNs or DuckDBType.TimestampTz => Storage.Dates,
        DuckDBType.List or DuckDBType.Struct or DuckDBType.Map or DuckDBType.Array or DuckDBType.Union or DuckDBType.Blob => Storage.Nested,
        _ => Storage.Words,
    };

    private static string Select(string name, Storage storage) => storage switch
    {
        Storage.Numbers => $"CAST({DuckDbQuery.Name(name)} AS DOUBLE)",
        Storage.Dates => $"epoch_ms({DuckDbQuery.Name(name)})",
        _ => $"CAST({DuckDbQuery.Name(name)} AS VARCHAR)",
    };

    private static unsafe ColumnReader.Result Numbers(DuckDbQuery query, int index, ColumnPlan.Request request, string path, Func<int, long?> lineOf)
    {
        var values = new double[query.Rows];
        var notNumbers = 0;
        for (var row = 0; row < values.Length;)
        {
            var (chunk, first, count) = query.ChunkOf(row);
            var (data, validity) = query.Vector(chunk, index);
            for (var i = 0; i < count; i++)
            {
                var value = DuckDbQuery.IsValid(validity, i) ? ((double*)data)[i] : double.NaN;
                if (double.IsInfinity(value)) throw Infinite(path, lineOf, request.Name, first + i, value);
                if (double.IsNaN(value) && DuckDbQuery.IsValid(validity, i)) notNumbers++;
                values[first + i] = value;
            }
            row = first + count;
        }
        var notice = notNumbers == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"Column '{request.Name}' holds {notNumbers:N0} NaN values; they count as missing.");
        var column = new NumericColumn(request.Name, values);
        return Fit(column, request, path, ColumnKind.Numeric, "numbers") with { Notice = notice };
    }

    private static unsafe ColumnReader.Result Dates(DuckDbQuery query, int index, ColumnPlan.Request request, string path)
    {
        var values = new long[query.Rows];
        for (var row = 0; row < values.Length;)
        {
            var (chunk, first, count) = query.ChunkOf(row);
            var (data, validity) = query.Vector(chunk, index);
            for (var i = 0; i < count; i++) values[first + i] = DuckDbQuery.IsValid(validity, i) ? ((long*)data)[i] : DateColumn.Missing;
            row = first + count;
        }
        return Fit(new DateColumn(request.Name, values), request, path, ColumnKind.Date, "dates");
    }

    // The column as wanted: as it is, or as words written the way a CSV file would hold them.
    private static ColumnReader.Result Fit(Column column, ColumnPlan.Request request, string path, ColumnKind own, string holds)
    {
        if (request.AsWords) return Kept(ToWords(column));
        switch (request.Kind)
        {
            case null: return new(column, SchemaInference.Of(column), null);
            case ColumnKind.Category or ColumnKind.Boolean or ColumnKind.Text: return new(ToWords(column), new ColumnSchema(column.Name, request.Kind.Value, "as set"), null);
            case ColumnKind.Numeric or ColumnKind.Date when request.Kind != own:
                throw new DataFormatException(path, null, column.Name, $"The column holds {holds}; {(request.Kind == ColumnKind.Numeric ? "numbers" : "dates")} are expected. Write the column anew, or set another kind for it.");
            default: return new(column, new ColumnSchema(column.Name, request.Kind.Value, "as set"), null);
        }
    }

    private static ColumnReader.Result Kept(TextColumn column) => new(column, new ColumnSchema(column.Name, ColumnKind.Identifier, "kept beside the prediction"), null);

    private static TextColumn ToWords(Column column)
    {
        var dictionary = new Dictionary<string, int>(StringComparer.Ordinal);
        var codes = new int[column.Rows];
        for (var row = 0; row < codes.Length; row++)
        {
            if (column.IsMissing(row)) codes[row] = -1;
            else if (!dictionary.TryGetValue(column.Text(row), out codes[row])) dictionary[column.Text(row)] = codes[row] = dictionary.Count;
        }
        return new TextColumn(column.Name, codes, [.. dictionary.Keys]);
    }

    private static DataFormatException Infinite(string path, Func<int, long?> lineOf, string column, int row, double value) => new(path, lineOf(row), column,
        string.Create(CultureInfo.InvariantCulture, $"Row {row + 1} holds {(value > 0 ? "infinity" : "-infinity")}; a model cannot learn from it. Correct the value, or write NULL."));

    // The first line that is neither blank nor one JSON object; DuckDB's own line numbers are off by one.
    private static long? BrokenLine(string path)
    {
        using var map = new MappedFile(path);
        long line = 1;
        for (long offset = 0; offset < map.Length; line++)
        {
            var rest = map.Span(offset, int.MaxValue);
            var end = rest.IndexOf((byte)'\n');
            var text = end < 0 ? rest : rest[..end];
            offset += text.Length + 1L;
            try
            {
                var reader = new Utf8JsonReader(text);
                if (reader.Read() && (reader.TokenType != JsonTokenType.StartObject || !reader.TrySkip() || reader.Read())) return line;
            }
            catch (JsonException)
            {
                if (!NumberText.Trim(text.TrimEnd((byte)'\r')).IsEmpty) return line;
            }
        }
        return null;
    }

    // Lines of the objects in a JSON Lines file; null when they do not match the rows.
    private static unsafe LineMap? Lines(string path, int rows)
    {
        using var map = new MappedFile(path);
        var lines = new LineMap();
        var row = 0;
        long line = 1;
        var blank = true;
        for (long i = 0; i < map.Length; i++)
        {
            var c = map.Start[i];
            if (blank && c is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                lines.Add(row++, line);
                blank = false;
            }
            if (c != '\n') continue;
            line++;
            blank = true;
        }
        return row == rows ? lines : null;
    }
}
