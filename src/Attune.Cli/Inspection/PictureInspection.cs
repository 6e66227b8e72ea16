using System.Text.Json.Nodes;
using Attune.Data;
using Attune.Data.Images;
using static Attune.Cli.Inspection.Inspected;

namespace Attune.Cli.Inspection;

/// <summary>Pictures of a folder or a list: classes and counts by split, formats, sizes, unreadable ones, copies.</summary>
internal static class PictureInspection
{
    private const int MostClasses = 30, MostNamed = 10;

    /// <summary>Looks at every picture.</summary>
    /// <exception cref="DataFormatException">There are none, or the list is malformed.</exception>
    public static Inspected Of(string path, string[] missing)
    {
        var isSorted = !Directory.Exists(path) || HasFolders(path);
        using var listing = ImageListing.Read(path, new ImageListingOptions { Labelled = isSorted, Table = new TableReadOptions { MissingWords = missing } });
        List<(string Name, ImageSet Set)> splits = [(listing.Test is null && listing.Validation is null ? "all" : "train", listing.Data)];
        if (listing.Validation is { } validation) splits.Add(("validation", validation));
        if (listing.Test is { } test) splits.Add(("test", test));
        var json = new JsonObject { ["kind"] = "pictures" };
        var parts = new JsonObject();
        json["splits"] = parts;
        List<string> text = [Invariant($"{path}: {splits.Sum(s => s.Set.Source.Rows):N0} pictures{(splits.Count > 1 ? " in " + string.Join(", ", splits.Select(s => s.Name)) : "")}")];
        foreach (var (name, set) in splits) parts[name] = Split(name, set, text);
        Copies(splits, json, text);
        json["notices"] = Words(listing.Notices);
        text.AddRange(listing.Notices.Select(n => "note: " + n));
        if (!isSorted) text.Add("note: these pictures have no class folders: they can be predicted, not learned from.");
        return new Inspected(json, text);
    }

    private static bool HasFolders(string path) => Directory.EnumerateDirectories(path).Any(d => !Path.GetFileName(d).StartsWith('.'));

    private static JsonObject Split(string name, ImageSet set, List<string> text)
    {
        var bad = ImageCheck.Run(set.Source);
        var rows = set.Source.Rows;
        var (formats, sizes) = (new ImageFormat?[rows], new (int Width, int Height)[rows]);
        Parallel.For(0, rows, () => new byte[1 << 16], (row, _, buffer) =>
        {
            try
            {
                var length = set.Source.Read(row, ref buffer);
                formats[row] = ImageFormats.Detect(buffer.AsSpan(0, length));
                sizes[row] = ImageDecoder.ReadHeader(buffer.AsSpan(0, length), set.Source.Name(row), long.MaxValue);
            }
            catch (DataFormatException) { }   // among the unreadable ones
            return buffer;
        }, _ => { });
        var byFormat = formats.Where(f => f is not null).GroupBy(f => f!.Value).OrderByDescending(g => g.Count()).Select(g => (Name: g.Key.ToString().ToUpperInvariant(), Count: g.Count())).ToList();
        var known = sizes.Where(s => s.Width > 0).ToList();
        var json = new JsonObject
        {
            ["pictures"] = rows,
            ["columns"] = Words(set.Table.Columns.Select(c => c.Name).Where(c => c is not (ImageSet.PathColumn or ImageSet.ContentColumn))),
            ["formats"] = new JsonObject(byFormat.Select(f => KeyValuePair.Create(f.Name, (JsonNode?)f.Count))),
            ["unreadable"] = new JsonArray([.. bad.Items.Select(i => (JsonNode)new JsonObject { ["path"] = i.Name, ["reason"] = i.Reason })]),
        };
        var line = Invariant($"{name}: {rows:N0} pictures, {string.Join(", ", byFormat.Select(f => Invariant($"{f.Name} {f.Count:N0}")))}");
        if (known.Count > 0)
        {
            json["width"] = Sizes([known.Min(s => s.Width), known.Max(s => s.Width)]);
            json["height"] = Sizes([known.Min(s => s.Height), known.Max(s => s.Height)]);
            line += Invariant($"; {known.Min(s => s.Width)} to {known.Max(s => s.Width)} wide, {known.Min(s => s.Height)} to {known.Max(s => s.Height)} high");
        }
        text.Add(line);
        if (set.Table.Columns.FirstOrDefault(c => c.Name == ImageSet.LabelColumn) is { } label) Classes(label, json, text);
        else if (set.Table.Columns.Count > 2) text.Add($"  columns: {string.Join(", ", set.Table.Columns.Skip(2).Select(c => c.Name))}");
        if (bad.Items.Count > 0) text.Add(Invariant($"  {bad.Items.Count:N0} unreadable:"));
        text.AddRange(Some([.. bad.Items.Select(i => $"    {i.Name}: {i.Reason}")], MostNamed));
        return json;
    }

    private static void Classes(Column label, JsonObject json, List<string> text)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var row = 0; row < label.Rows; row++)
        {
            if (label.IsMissing(row)) continue;
            var word = label.Text(row);
            counts[word] = counts.GetValueOrDefault(word) + 1;
        }
        json["classes"] = new JsonObject(counts.Select(c => KeyValuePair.Create(c.Key, (JsonNode?)c.Value)));
        text.AddRange(Some([.. counts.Select(c => Invariant($"  {c.Key}  {c.Value:N0}"))], MostClasses));
    }

    private static void Copies(List<(string Name, ImageSet Set)> splits, JsonObject json, List<string> text)
    {
        var seen = new Dictionary<string, (string Split, string Path)>(StringComparer.Ordinal);
        List<(string Path, string Of, bool Across)> copies = [];
        foreach (var (name, set) in splits)
        {
            var (content, paths) = (set.Table[ImageSet.ContentColumn], set.Table[ImageSet.PathColumn]);
            for (var row = 0; row < content.Rows; row++)
            {
                if (content.IsMissing(row)) continue;
                if (seen.TryGetValue(content.Text(row), out var first)) copies.Add((paths.Text(row), first.Path, first.Split != name));
                else seen.Add(content.Text(row), (name, paths.Text(row)));
            }
        }
        json["copies"] = new JsonArray([.. copies.Select(c => (JsonNode)new JsonObject { ["path"] = c.Path, ["copyOf"] = c.Of, ["acrossSplits"] = c.Across })]);
        if (copies.Count == 0) return;
        text.Add(Invariant($"copies: {copies.Count:N0} {(copies.Count == 1 ? "file is" : "files are")} byte for byte the same as another{(copies.Any(c => c.Across) ? Invariant($", {copies.Count(c => c.Across):N0} of them in another split") : "")}"));
        text.AddRange(Some([.. copies.Select(c => $"  {c.Path} = {c.Of}")], MostNamed));
    }
}
