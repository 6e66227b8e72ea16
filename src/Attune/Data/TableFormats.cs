namespace Attune.Data;

/// <summary>File formats that hold a table.</summary>
internal enum TableFormat
{
    /// <summary>Delimited text.</summary>
    Csv,

    /// <summary>Apache Parquet.</summary>
    Parquet,

    /// <summary>JSON objects, one a line or in one array.</summary>
    Json,
}

/// <summary>Tells the format of a file by its first bytes, then by its name.</summary>
internal static class TableFormats
{
    public static TableFormat Detect(string path)
    {
        Span<byte> start = stackalloc byte[8];
        using (var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1)) start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        if (start.StartsWith("PAR1"u8)) return TableFormat.Parquet;
        if (start.StartsWith("PK\u0003\u0004"u8)) throw new DataFormatException(path, null, null, "This is a ZIP archive or an Excel workbook. Unpack it, or save the sheet as CSV UTF-8, and name that file.");
        if (start.StartsWith<byte>([0x1F, 0x8B])) throw new DataFormatException(path, null, null, "The file is compressed with gzip. Unpack it first: gunzip -k FILE.");
        var extension = Path.GetExtension(path);
        if (extension.Equals(".parquet", StringComparison.OrdinalIgnoreCase) || extension.Equals(".pq", StringComparison.OrdinalIgnoreCase))
            throw new DataFormatException(path, null, null, start.IsEmpty ? "The file is empty (0 bytes)." : "The file does not begin as a Parquet file does (PAR1); it is damaged or of another format.");
        return extension.ToUpperInvariant() is ".JSONL" or ".NDJSON" or ".JSON" ? TableFormat.Json : TableFormat.Csv;
    }
}
