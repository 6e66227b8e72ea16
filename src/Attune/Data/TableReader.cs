namespace Attune.Data;

/// <summary>
/// Reads a table from a file: CSV and TSV (delimiter , ; tab or | found in the header, UTF-8), Parquet, and JSON Lines (.jsonl, .ndjson, .json).
/// The structure of a text file is checked before any value is read; a cell that cannot be read is an error or a notice, never dropped.
/// </summary>
public static class TableReader
{
    /// <summary>Reads the file at <paramref name="path"/>; messages name it as it is written here.</summary>
    /// <param name="path">A file.</param>
    /// <param name="options">How to read; null for the defaults.</param>
    /// <exception cref="DataFormatException">The file is missing, malformed, or does not fit the options; names file, line and column.</exception>
    public static Table Read(string path, TableReadOptions? options = null)
    {
        options ??= new TableReadOptions();
        if (!File.Exists(path)) throw NotFound(path);
        try
        {
            return TableFormats.Detect(path) switch
            {
                TableFormat.Csv => CsvTable.Read(path, options),
                var format => DuckDbTable.Read(path, format, options),
            };
        }
        catch (NotSupportedException e)
        {
            throw new DataFormatException(path, null, null, "This is a pipe or device, not a file. Save the rows to a file first.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException(path, null, null, $"The file cannot be opened: {e.Message}", e);
        }
    }

    private static DataFormatException NotFound(string path)
    {
        if (Directory.Exists(path)) return new DataFormatException(path, null, null, "This is a folder; name a CSV, Parquet or JSON Lines file in it.");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder)) return new DataFormatException(path, null, null, $"There is no such file, nor the folder '{folder}'. Check the path.");
        var siblings = Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)!).Take(10_000);
        return new DataFormatException(path, null, null, $"There is no such file.{NearestName.Hint(Path.GetFileName(path), siblings)} Check the path; it is taken from '{Environment.CurrentDirectory}'.");
    }
}
