using System.Text.Json;

namespace Attune.Models.Text;

/// <summary>A <c>config.json</c> of transformers.</summary>
/// <param name="Json">The file's text, as it came.</param>
/// <param name="ModelType">Upstream's <c>model_type</c>.</param>
/// <param name="Architecture">Upstream's class, such as <c>BertForMaskedLM</c>; null when the file names none.</param>
/// <param name="Shape">Sizes of the network: width, layers, positions, padding id, segments.</param>
/// <param name="Labels">Names of the outputs by index (<c>id2label</c>); empty when the file has none.</param>
/// <param name="LabelCount">Outputs of a classification head: the labels, else <c>num_labels</c>, else 2.</param>
/// <param name="ProblemType"><c>single_label_classification</c>, <c>multi_label_classification</c>, <c>regression</c>, or null.</param>
public sealed record TextConfig(string Json, string ModelType, string? Architecture, TextShape Shape, IReadOnlyList<string> Labels, int LabelCount, string? ProblemType)
{
    /// <summary>Settings that decide what the network computes, with upstream's defaults filled in: sizes, activation, ε, positions; none of dropout, starting weights and labels.</summary>
    internal IReadOnlyDictionary<string, string> Deciding { get; init; } = new Dictionary<string, string>();

    private const long MaxFile = 16 << 20;
    private const int MaxLabels = 1 << 20;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="ignored">Unknown settings that may be passed over.</param>
    /// <exception cref="DataFormatException">The file is missing or not valid, the family is not known, or a setting is unknown or not built.</exception>
    public static TextConfig Read(string path, IReadOnlyList<string>? ignored = null)
    {
        if (!File.Exists(path)) throw new DataFormatException(path, null, null, "There is no such file; a folder of transformers has its sizes in config.json.");
        if (new FileInfo(path).Length > MaxFile) throw new DataFormatException(path, null, null, $"The file is larger than {MaxFile} bytes; a model's configuration was expected.");
        return Parse(File.ReadAllText(path), path, ignored);
    }

    /// <summary>Reads a configuration's text.</summary>
    /// <param name="json">The text.</param>
    /// <param name="path">Where it comes from, for messages.</param>
    /// <param name="ignored">Unknown settings that may be passed over.</param>
    /// <exception cref="DataFormatException">It is not valid, the family is not known, or a setting is unknown or not built.</exception>
    public static TextConfig Parse(string json, string path = "config.json", IReadOnlyList<string>? ignored = null)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new DataFormatException(path, null, null, "The file holds no JSON object; a model's configuration was expected.");
            return Parse(document.RootElement, json, path, ignored ?? []);
        }
        catch (JsonException e)
        {
            throw new DataFormatException(path, e.LineNumber + 1, null, $"The file is not valid JSON: {e.Message}", e);
        }
    }

    /// <summary>The <c>model_type</c> of a folder's <c>config.json</c>, or null when there is none to read. Never throws on bad files.</summary>
    public static string? ModelTypeOf(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        if (!File.Exists(path) || new FileInfo(path).Length > MaxFile) return null;
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("model_type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Index of each label.</summary>
    public IReadOnlyDictionary<string, int> LabelIndices => Labels.Select((l, i) => (l, i)).GroupBy(p => p.l, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First().i, StringComparer.Ordinal);

    private static TextConfig Parse(JsonElement root, string json, string path, IReadOnlyList<string> ignored)
    {
        var reader = new ConfigReader(root, path);
        var type = reader.Text("model_type", "");
        if (TextCatalog.Find(type) is not { } read)
            throw new DataFormatException(path, null, null, $"'model_type' is '{type}'; the families that are built are {string.Join(", ", TextCatalog.Names)}.{NearestName.Hint(type, TextCatalog.Names)}");
        var shape = read(reader);
        var (labels, count) = LabelsOf(reader, path);
        var problem = reader.Text("problem_type", "");
        reader.Finish(type, ignored);
        if (shape.Heads < 1 || (shape is not LlamaShape && shape.Width % shape.Heads != 0)) throw new DataFormatException(path, null, null, $"Hidden size {shape.Width} cannot be cut into {shape.Heads} attention heads.");
        var architecture = reader.Find("architectures") is { ValueKind: JsonValueKind.Array } classes && classes.GetArrayLength() > 0 && classes[0].ValueKind == JsonValueKind.String ? classes[0].GetString() : null;
        return new TextConfig(json, type, architecture, shape, labels, count, problem.Length > 0 ? problem : null)
        {
            Deciding = reader.Settings.Where(s => s.Key != "initializer_range").ToDictionary(s => s.Key, s => s.Value, StringComparer.Ordinal),
        };
    }

    private static (IReadOnlyList<string> Labels, int Count) LabelsOf(ConfigReader reader, string path)
    {
        var count = reader.OptionalWhole("num_labels") ?? reader.OptionalWhole("_num_labels");
        if (reader.Find("id2label") is not { ValueKind: JsonValueKind.Object } map) return ([], count is > 0 ? count.Value : 2);
        var labels = new SortedDictionary<int, string>();
        foreach (var entry in map.EnumerateObject())
        {
            if (!int.TryParse(entry.Name, System.Globalization.CultureInfo.InvariantCulture, out var index) || index is < 0 or >= MaxLabels || entry.Value.ValueKind != JsonValueKind.String)
                throw new DataFormatException(path, null, null, $"'id2label' holds the entry '{entry.Name}'; indices from 0 with a text each were expected.");
            labels[index] = entry.Value.GetString()!;
        }
        if (labels.Count == 0) return ([], 2);
        if (labels.Keys.Last() != labels.Count - 1) throw new DataFormatException(path, null, null, $"'id2label' names {labels.Count} labels, but its largest index is {labels.Keys.Last()}; indices 0 to {labels.Count - 1} were expected.");
        return ([.. labels.Values], labels.Count);
    }
}
