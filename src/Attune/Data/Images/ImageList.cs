using System.Globalization;

namespace Attune.Data.Images;

/// <summary>Lists pictures from a table: CSV, TSV, JSON Lines or Parquet with a column of paths, relative to the list, or Parquet with a column of bytes.</summary>
internal static class ImageList
{
    private static readonly string[] PathNames = ["path", "file", "filename", "file_name", "filepath", "file_path", "image", "image_path", "image_file", "img", "img_path", "picture", "photo"];

    public static ImageListing Read(string path, ImageListingOptions options)
    {
        if (!File.Exists(path)) _ = TableReader.Read(path, options.Table);   // says what is wrong, with the nearest name
        if (TableFormats.Detect(path) == TableFormat.Parquet && ParquetImages.Find(path, options.PathColumn) is { } column) return Packed(path, column, options);

        var table = TableReader.Read(path, options.Table);
        var name = PathColumn(table, path, options.PathColumn ?? (options.KnownPathColumn is { } known && table.TryGet(known, out _) ? known : null));
        if (table[name] is not TextColumn) table = TableReader.Read(path, options.Table with { Kinds = new Dictionary<string, ColumnKind>(options.Table.Kinds) { [name] = ColumnKind.Text } });
        var words = table[name];
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var (files, names) = (new string[table.Rows], new string[table.Rows]);
        for (var row = 0; row < files.Length; row++)
        {
            if (words.IsMissing(row)) throw new DataFormatException(path, table.LineOfRow?.Invoke(row), name, "The row names no picture. Fill in the path, or remove the row.");
            names[row] = words.Text(row);
            files[row] = Path.GetFullPath(Path.Combine(folder, names[row].Replace('\\', Path.DirectorySeparatorChar)));
        }
        RefuseMissing(path, name, table, files, names);
        return new ImageListing { Data = WithOthers(path, table, name, new FileImageSource(files, Array.ConvertAll(files, f => Path.GetRelativePath(Environment.CurrentDirectory, f).Replace('\\', '/'))), names, options) };
    }

    private static ImageListing Packed(string path, ParquetImages.ImageColumn column, ImageListingOptions options)
    {
        var (source, names) = ParquetImages.Unpack(path, column, options);
        try
        {
            var table = column.IsAlone ? new Table(path, source.Rows, []) : TableReader.Read(path, options.Table with { Without = [column.Name] });
            return new ImageListing { Data = WithOthers(path, table, null, source, names, options) };
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private static ImageSet WithOthers(string path, Table table, string? pathColumn, ImageSource source, string[] names, ImageListingOptions options)
        => ImageTable.Make(path, source, names, [.. table.Columns.Where(c => c.Name != pathColumn)], [.. table.Schema.Where(c => c.Name != pathColumn)], table.Notices, table.LineOfRow, options);

    /// <summary>The column of a table that is called as paths are and whose first cell is called as a picture; null when there is none.</summary>
    public static string? Guess(Table table)
        => PathNames.SelectMany(name => table.Columns.Where(c => c.Name.Equals(name, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(c => c is TextColumn && c.Rows > 0 && !c.IsMissing(0) && ImageFormats.IsImageName(c.Text(0)))?.Name;

    private static string PathColumn(Table table, string path, string? wanted)
    {
        if (wanted is not null) return table[wanted].Name;
        var found = PathNames.SelectMany(name => table.Columns.Where(c => c.Name.Equals(name, StringComparison.OrdinalIgnoreCase))).ToList();
        return found.Count > 0 ? found[0].Name : throw new DataFormatException(path, 1, null,
            $"No column is called path, file, filename or image, as a list of pictures has one; the columns are {NearestName.Preview(table.Columns.Select(c => c.Name))}. Rename the column with the pictures' paths, or name it (image.path-column); for a table of other columns choose a model that reads numbers.");
    }

    private static void RefuseMissing(string path, string column, Table table, string[] files, string[] names)
    {
        var missing = Enumerable.Range(0, files.Length).AsParallel().AsOrdered().Where(row => !File.Exists(files[row])).ToList();
        if (missing.Count == 0) return;
        var more = missing.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $" In all, {missing.Count:N0} of {files.Length:N0} pictures are missing.") : "";
        throw new DataFormatException(path, table.LineOfRow?.Invoke(missing[0]), column,
            $"There is no file '{names[missing[0]]}'; paths are relative to the list's folder, so '{files[missing[0]]}' was looked for.{more} Correct the paths, or remove the rows.");
    }
}
