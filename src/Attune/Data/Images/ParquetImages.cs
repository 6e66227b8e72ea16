using System.Globalization;

namespace Attune.Data.Images;

/// <summary>Pictures that lie as bytes in a Parquet column: BLOB, or STRUCT(bytes BLOB, path VARCHAR) as Hugging Face's data sets have them.</summary>
internal static unsafe class ParquetImages
{
    private const long BatchBytes = 128 << 20;

    private static readonly string[] UsualNames = ["image", "img", "picture", "photo", "bytes", "image_bytes"];

    /// <summary>A column of pictures; <paramref name="IsAlone"/>: the file has no other.</summary>
    public sealed record ImageColumn(string Name, bool IsStruct, bool HasPath, bool IsAlone);

    /// <summary>The column that holds pictures' bytes; null when there is none, or the wanted one holds something else.</summary>
    /// <exception cref="DataFormatException">Several columns hold bytes and none is called as pictures are.</exception>
    public static ImageColumn? Find(string path, string? wanted)
    {
        using var query = new DuckDbQuery(path, 1);
        query.Run($"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet({DuckDbQuery.Path(path)}))");
        using var cells = new DuckDbCells(query);
        var columns = new List<ImageColumn>();
        var block = new Cell[CellSource.BlockRows];
        for (var first = 0; first < query.Rows; first += block.Length)
        {
            var names = block.AsSpan(0, cells.Read(0, first, block)).ToArray().Select(c => c.ToString()).ToArray();
            var types = block.AsSpan(0, cells.Read(1, first, block)).ToArray().Select(c => c.ToString()).ToArray();
            for (var i = 0; i < names.Length; i++)
            {
                var isStruct = types[i].StartsWith("STRUCT(", StringComparison.Ordinal) && Field(types[i], "bytes", "BLOB");
                if (isStruct || types[i] == "BLOB") columns.Add(new(names[i], isStruct, isStruct && Field(types[i], "path", "VARCHAR"), query.Rows == 1));
            }
        }
        if (wanted is not null) return columns.Find(c => c.Name == wanted);
        if (columns.Count <= 1) return columns.FirstOrDefault();
        return UsualNames.Select(name => columns.Find(c => c.Name.Equals(name, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(c => c is not null)
            ?? throw new DataFormatException(path, null, null, $"Several columns hold bytes: {NearestName.Preview(columns.Select(c => c.Name))}. Name the one with the pictures (image.path-column).");
    }

    /// <summary>Writes all pictures into one temporary file, a part of the rows at a time so that they never lie in memory together.</summary>
    public static (PackedImageSource Source, string[] Names) Unpack(string path, ImageColumn column, ImageListingOptions options)
    {
        var file = new FileStream(Path.Combine(options.TemporaryFolder ?? Path.GetTempPath(), $"attune-images-{Guid.NewGuid():N}.tmp"),
            new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Read, Options = FileOptions.DeleteOnClose, BufferSize = 1 << 20 });
        try
        {
            using var query = new DuckDbQuery(path, options.EffectiveThreads);
            query.Run($"SELECT count(*) FROM read_parquet({DuckDbQuery.Path(path)})");
            var rows = checked((int)*(long*)query.Vector(0, 0).Data);
            if (rows == 0) throw new DataFormatException(path, null, null, "The file has columns but no rows. Add at least one picture.");
            var batches = (int)Math.Clamp((new FileInfo(path).Length + BatchBytes - 1) / BatchBytes, 1, rows);
            var size = (rows + batches - 1) / batches;
            var (offsets, names) = (new long[rows + 1], new string[rows]);
            for (var first = 0; first < rows; first += size) Copy(query, path, column, first, Math.Min(rows, first + size), offsets, names, file);
            file.Flush();
            return (new PackedImageSource(file, offsets, names), names);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static void Copy(DuckDbQuery query, string path, ImageColumn column, int first, int end, long[] offsets, string[] names, FileStream file)
    {
        var name = DuckDbQuery.Name(column.Name);
        var bytes = column.IsStruct ? $"struct_extract({name}, 'bytes')" : name;
        var label = column.HasPath ? $"struct_extract({name}, 'path')" : "CAST(NULL AS VARCHAR)";
        query.Run(string.Create(CultureInfo.InvariantCulture,
            $"SELECT {bytes}, {label} FROM read_parquet({DuckDbQuery.Path(path)}, file_row_number=true) WHERE file_row_number >= {first} AND file_row_number < {end}"));
        if (query.Rows != end - first) throw new DataFormatException(path, null, column.Name, string.Create(CultureInfo.InvariantCulture, $"{query.Rows:N0} rows came where {end - first:N0} were expected. Write the file again."));
        for (var row = 0; row < query.Rows;)
        {
            var (chunk, start, count) = query.ChunkOf(row);
            var (values, validity) = query.Vector(chunk, 0);
            var (labels, labelValidity) = query.Vector(chunk, 1);
            for (var i = 0; i < count; i++)
            {
                var index = first + start + i;
                var picture = DuckDbQuery.IsValid(validity, i) ? Text(values, i) : default;
                file.Write(picture);
                offsets[index + 1] = offsets[index] + picture.Length;
                names[index] = DuckDbQuery.IsValid(labelValidity, i) && Text(labels, i) is { IsEmpty: false } given
                    ? System.Text.Encoding.UTF8.GetString(given)
                    : string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(path)}, row {index + 1}");
            }
            row = start + count;
        }
    }

    // duckdb_string_t: length, then 12 bytes inline or 4 of prefix and a pointer.
    private static ReadOnlySpan<byte> Text(nint vector, int index)
    {
        var text = (byte*)vector + index * 16L;
        var length = *(int*)text;
        return new(length <= 12 ? text + 4 : *(byte**)(text + 8), length);
    }

    private static bool Field(string type, string name, string of) => type.Contains($"({name} {of}", StringComparison.Ordinal) || type.Contains($" {name} {of}", StringComparison.Ordinal)
        || type.Contains($"\"{name}\" {of}", StringComparison.Ordinal);
}
