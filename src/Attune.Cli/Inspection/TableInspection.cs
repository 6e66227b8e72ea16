using System.Text.Json.Nodes;
using Attune.Data;
using Attune.Data.Images;
using static Attune.Cli.Inspection.Inspected;

namespace Attune.Cli.Inspection;

/// <summary>A table: columns with their kinds and missing cells. A list of pictures is looked at as pictures.</summary>
internal static class TableInspection
{
    /// <summary>Reads the table.</summary>
    /// <exception cref="DataFormatException">It cannot be read.</exception>
    public static Inspected Of(string path, string[] missing)
    {
        if (TableFormats.Detect(path) == TableFormat.Parquet && ParquetImages.Find(path, null) is not null) return PictureInspection.Of(path, missing);
        var table = TableReader.Read(path, new TableReadOptions { MissingWords = missing });
        if (ImageList.Guess(table) is not null) return PictureInspection.Of(path, missing);
        var columns = table.Schema.Select(c => (Schema: c, Missing: CountMissing(table[c.Name]))).ToList();
        var json = new JsonObject
        {
            ["kind"] = "table",
            ["rows"] = table.Rows,
            ["columns"] = new JsonArray([.. columns.Select(c => (JsonNode)new JsonObject
            {
                ["name"] = c.Schema.Name,
                ["kind"] = c.Schema.Kind.ToString().ToLowerInvariant(),
                ["missing"] = c.Missing,
                ["used"] = c.Schema.IsFeature,
                ["reason"] = c.Schema.Reason,
            })]),
            ["notices"] = Words(table.Notices),
        };
        var width = Math.Min(40, columns.Max(c => c.Schema.Name.Length));
        return new Inspected(json,
        [
            Invariant($"{path}: {table.Rows:N0} rows, {table.Schema.Count} columns"),
            .. columns.Select(c => Invariant($"  {c.Schema.Name.PadRight(width)}  {c.Schema.Kind.ToString().ToLowerInvariant(),-10} {c.Schema.Reason}{(c.Schema.IsFeature ? "" : " (left out)")}")),
            .. table.Notices.Select(n => "note: " + n),
        ]);
    }

    private static int CountMissing(Column column)
    {
        var count = 0;
        for (var row = 0; row < column.Rows; row++) count += column.IsMissing(row) ? 1 : 0;
        return count;
    }
}
