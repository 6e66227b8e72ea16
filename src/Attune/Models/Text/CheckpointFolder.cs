using System.Text.Json;
using Attune.Graphs;
using Attune.Weights;

namespace Attune.Models.Text;

/// <summary>The weights in a folder of transformers: one file or several with an index, safetensors before PyTorch's pickles.</summary>
/// <param name="Weights">All entries under the files' own names.</param>
/// <param name="Files">The files that were read.</param>
internal sealed record CheckpointFolder(WeightStore Weights, IReadOnlyList<string> Files)
{
    private const long MaxIndex = 64 << 20;
    private static readonly string[] _names = ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"];

    /// <summary>True when a folder holds weights that <see cref="Read"/> finds.</summary>
    public static bool Has(string folder) => _names.Any(n => File.Exists(Path.Combine(folder, n)));

    /// <summary>Reads a folder's weights.</summary>
    /// <exception cref="DataFormatException">There are none, a file is damaged, or the index contradicts its files.</exception>
    public static CheckpointFolder Read(string folder)
    {
        var name = _names.FirstOrDefault(n => File.Exists(Path.Combine(folder, n)))
            ?? throw new DataFormatException(folder, null, null, $"This folder holds none of {string.Join(", ", _names)}.");
        var path = Path.Combine(folder, name);
        return name.EndsWith(".json", StringComparison.Ordinal) ? Sharded(folder, path) : new CheckpointFolder(Raw(path), [path]);
    }

    private static CheckpointFolder Sharded(string folder, string index)
    {
        var map = WeightMap(index);
        var all = new WeightStore();
        List<string> files = [index];
        foreach (var shard in map.GroupBy(e => e.Value).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var path = Path.Combine(folder, shard.Key);
            if (!File.Exists(path)) throw new DataFormatException(index, null, null, $"The index names the file '{shard.Key}', which is not there. Download all files of the model.");
            var weights = Raw(path);
            var missing = shard.Select(e => e.Key).Where(n => !weights.Contains(n)).ToList();
            if (missing.Count > 0) throw new DataFormatException(index, null, null, $"The index says that '{shard.Key}' holds {NearestName.Preview(missing)}; it does not. Index and files are of different models, or one is damaged.");
            var unnamed = weights.All.Where(w => !w.Aliases.Prepend(w.Name).Any(n => map.TryGetValue(n, out var place) && place == shard.Key)).Select(w => w.Name).ToList();
            if (unnamed.Count > 0) throw new DataFormatException(index, null, null, $"'{shard.Key}' holds {NearestName.Preview(unnamed)}, which the index does not name there. Index and files are of different models, or one is damaged.");
            foreach (var weight in weights.All) all.Add(weight);
            files.Add(path);
        }
        return new CheckpointFolder(all, files);
    }

    private static Dictionary<string, string> WeightMap(string index)
    {
        if (new FileInfo(index).Length > MaxIndex) throw new DataFormatException(index, null, null, $"The index is larger than {MaxIndex} bytes.");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(index));
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object || !map.EnumerateObject().Any())
                throw new DataFormatException(index, null, null, "The index has no 'weight_map' from names to files.");
            var names = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var entry in map.EnumerateObject())
            {
                var file = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : "";
                if (file.Length == 0 || file != Path.GetFileName(file) || file.Contains('\\', StringComparison.Ordinal)) throw new DataFormatException(index, null, null, $"'weight_map' places '{entry.Name}' in '{file}'; a file of the same folder was expected.");
                if (!names.TryAdd(entry.Name, file)) throw new DataFormatException(index, null, null, $"'weight_map' names '{entry.Name}' twice.");
            }
            return names;
        }
        catch (JsonException e)
        {
            throw new DataFormatException(index, e.LineNumber + 1, null, $"The index is not valid JSON: {e.Message}", e);
        }
    }

    // The file's own names: the common prefix that the reader takes away may be another in each shard.
    private static WeightStore Raw(string path)
    {
        var read = CheckpointReader.Read(path);
        if (read.Prefix.Length == 0) return read.Weights;
        return new WeightStore(read.Weights.All.Select(w => w with { Name = read.Prefix + w.Name, Aliases = [.. w.Aliases.Select(a => read.Prefix + a)] }));
    }
}
