using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Attune.Data;
using Attune.Encoding;
using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Tasks;
using Attune.Text;
using Attune.Weights;

namespace Attune.Prediction;

/// <summary>
/// A model that predicts on its own: <c>model.json</c> (task, inputs, hash), <c>encoder.json</c> for tables, <c>graph.onnx</c> (its weights are byte ranges of
/// <c>model.safetensors</c>) and <c>README.md</c>.
/// </summary>
/// <param name="Network">From encoded inputs to logits.</param>
/// <param name="Inputs">From what a user has to the network's inputs.</param>
/// <param name="Task">From logits to predictions.</param>
/// <param name="Card">Facts for people and tools: version, rows, verdict.</param>
public sealed record ModelFolder(Graph Network, ModelInputs Inputs, LearningTask Task, JsonObject Card)
{
    /// <summary>The table's columns that are read, of texts the text columns; empty for a model of pictures.</summary>
    public IReadOnlyList<ColumnSchema> Columns => Inputs switch { TableInputs table => table.Columns, TextInputs text => text.TextColumns, _ => [] };

    /// <summary>Encodes rows of a table.</summary>
    /// <param name="table">Rows with the model's columns.</param>
    /// <param name="labelled">Whether the targets are encoded too.</param>
    /// <param name="counts">Missing and unknown cells; of texts the empty ones.</param>
    /// <exception cref="DataFormatException">The model reads pictures; or a column is missing or holds another kind of value.</exception>
    public EncodedSet Encode(Table table, bool labelled, out EncodingCounts counts)
    {
        if (Task is MaskedLanguageModel masked)
        {
            counts = new EncodingCounts(table.Rows, []);
            return MaskedTexts.Encode((TextInputs)Inputs, masked, table, out _);
        }
        if (Task is QuestionAnswering questions)
        {
            counts = new EncodingCounts(table.Rows, []);
            return QuestionWindows.Encode((TextInputs)Inputs, questions, table);
        }
        var targets = labelled ? Task.Encode(table) : null;
        if (Inputs is not TextInputs text) return Encoder.Encode(table, targets, out counts);
        var set = text.Encode(table, targets, out var met);
        counts = new EncodingCounts(table.Rows, []) { Truncated = met.Truncated };
        return set;
    }

    /// <summary>From table cells to encoded inputs.</summary>
    /// <exception cref="DataFormatException">The model reads pictures.</exception>
    public TableEncoder Encoder => Inputs is TableInputs table ? table.Encoder
        : throw new DataFormatException("the model", null, null, Inputs is TextInputs ? "reads text, which has no encoder of columns." : "reads pictures, not the columns of a table. Give it a folder of pictures, or a list with their paths.");

    /// <summary>The Hugging Face configuration of the network that it started from, which exports need; null for others. Kept as <c>config.json</c>.</summary>
    public JsonObject? Upstream { get; init; }

    /// <summary>Where it was read from; null for a model in memory.</summary>
    public string? Location { get; init; }

    /// <summary>SHA-256 of the weights file; "" for a model that was not saved yet.</summary>
    public string WeightsSha256 { get; init; } = "";

    private const string ModelFile = "model.json", EncoderFile = "encoder.json", GraphFile = "graph.onnx", WeightsFile = "model.safetensors", UpstreamFile = "config.json";
    private const int Format = 1;

    /// <summary>The model folder for a path that names it or the run around it.</summary>
    /// <exception cref="DataFormatException">There is no model there.</exception>
    public static string Locate(string path)
    {
        foreach (var candidate in new[] { path, Path.Combine(path, "model") })
        {
            if (File.Exists(Path.Combine(candidate, ModelFile))) return candidate;
        }
        throw new DataFormatException(path, null, null, !Directory.Exists(path)
            ? "There is no such folder. Name a run that `attune tune --out FOLDER` has finished, or its model folder."
            : File.Exists(Path.Combine(path, "run.json"))
                ? $"This run has no model yet. Finish it with `attune tune --resume {path}`."
                : "holds no model (model.json is missing). Name a run that `attune tune --out FOLDER` has finished.");
    }

    /// <summary>Reads a model; every part is checked against the others.</summary>
    /// <param name="path">A run folder or a model folder.</param>
    /// <exception cref="DataFormatException">A file is missing or damaged.</exception>
    /// <exception cref="WeightsException">The weights are not the ones the model was saved with.</exception>
    public static ModelFolder Load(string path)
    {
        var folder = Locate(path);
        var file = Path.Combine(folder, ModelFile);
        JsonObject json;
        try
        {
            json = JsonNode.Parse(File.ReadAllText(file))?.AsObject() ?? throw new JsonException("is empty");
            if (json["format"]?.GetValue<int>() is var format && format != Format)
                throw new DataFormatException(file, null, null, $"has format {(format is { } found ? Invariant(found) : "none")}; this version reads format {Format}. Use the Attune version that wrote it, or train again.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException(file, null, null, $"cannot be read: {e.Message}", e);
        }
        var weights = Path.Combine(folder, WeightsFile);
        if (!File.Exists(weights)) throw new DataFormatException(weights, null, null, "is missing from the model folder. Copy the whole folder, or train again.");
        var hash = HashOf(weights);
        if (Text(json, file, "weightsSha256") != hash)
            throw new WeightsException($"{weights}: The weights are not the ones this model was saved with (SHA-256 differs): the file was changed or comes from another model. Copy the whole folder again.");

        var task = TaskDocument.FromJson((json["task"] ?? throw Missing(file, "task")).ToJsonString(), file).ToTask(file);
        var graph = OnnxReader.Read(Path.Combine(folder, GraphFile));
        if (graph.Outputs is not [var output] || output.Shape?[-1].Size != task.OutputWidth)
            throw new DataFormatException(Path.Combine(folder, GraphFile), null, null, $"has to have one output of width {task.OutputWidth} for this task.");
        return new ModelFolder(graph, ReadInputs(folder, json, graph, task), task, json["card"] as JsonObject ?? []) { WeightsSha256 = hash, Upstream = ReadUpstream(folder), Location = folder };
    }

    private static JsonObject? ReadUpstream(string folder)
    {
        var file = Path.Combine(folder, UpstreamFile);
        if (!File.Exists(file)) return null;
        try { return JsonNode.Parse(File.ReadAllText(file)) as JsonObject ?? throw new JsonException("it is no object"); }
        catch (JsonException e) { throw new DataFormatException(file, null, null, $"cannot be read: {e.Message} Copy the whole folder again.", e); }
    }

    private static ModelInputs ReadInputs(string folder, JsonObject json, Graph graph, LearningTask task)
    {
        var file = Path.Combine(folder, ModelFile);
        if (json["images"] is JsonObject images)
        {
            var preprocessing = ImagePreprocessing.FromJson(images.ToJsonString(), file);
            if (graph.Inputs is [{ Shape: { Rank: 4 } shape }] && Fits(shape, preprocessing)) return new ImageInputs(preprocessing);
            throw new DataFormatException(Path.Combine(folder, GraphFile), null, null, $"does not take pictures of {string.Join(" × ", preprocessing.Shape)} as model.json says: the files belong to different models. Copy the whole folder again.");
        }
        var columns = ReadColumns(json, file);
        if (json["text"] is JsonObject text)
        {
            var settings = TextSettings.FromJson(text, file);
            if (graph.Inputs.FirstOrDefault(i => !settings.Fields.ContainsKey(i.Name)) is { } unknown)
                throw new DataFormatException(Path.Combine(folder, GraphFile), null, null, $"has an input '{unknown.Name}' that model.json does not give: the files belong to different models. Copy the whole folder again.");
            if (task is SentenceEmbedding embedding && !embedding.Texts.SequenceEqual(columns.Select(c => c.Name), StringComparer.Ordinal))
                throw new DataFormatException(file, null, null, "'columns' names other texts than 'task'. The model folder is damaged: copy it again, or train again.");
            return new TextInputs(Tokenizer.Load(folder), columns, settings) { IsApart = task is SentenceEmbedding };
        }
        var encoder = TableEncoder.Load(Path.Combine(folder, EncoderFile));
        DemandOneModel(folder, graph, encoder, columns);
        return new TableInputs(encoder, columns);
    }

    private static bool Fits(Shape shape, ImagePreprocessing preprocessing)
        => Enumerable.Range(0, 3).All(i => shape[i + 1].Size is null || shape[i + 1].Size == preprocessing.Shape[i]);

    /// <summary>Writes the folder; each file whole or not at all, model.json last.</summary>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        var weights = Path.Combine(folder, WeightsFile);
        var ranges = SafetensorsWriter.Write(weights, Network.Weights, new Dictionary<string, string> { ["format"] = "attune" });
        OnnxWriter.Write(Network, Path.Combine(folder, GraphFile), new OnnxWriteOptions { ExternalData = new(WeightsFile, ranges), KeepDropout = true });
        var (columns, images) = (new JsonArray(), (JsonNode?)null);
        if (Inputs is ImageInputs pictures) images = JsonNode.Parse(pictures.Preprocessing.ToJson());
        else if (Inputs is TextInputs text) text.Tokenizer.Save(folder);
        else Encoder.Save(Path.Combine(folder, EncoderFile));
        if (Upstream is not null) AtomicFile.WriteAllText(Path.Combine(folder, UpstreamFile), Write(Upstream));
        foreach (var column in Columns) columns.Add(new JsonObject { ["name"] = column.Name, ["kind"] = column.Kind.ToString().ToLowerInvariant(), ["reason"] = column.Reason });
        var json = new JsonObject
        {
            ["format"] = Format,
            ["task"] = JsonNode.Parse(Task.ToDocument().ToJson()),
            [images is null ? "columns" : "images"] = images ?? columns,
        };
        if (Inputs is TextInputs { Settings: var settings }) json["text"] = settings.ToJson();
        json["weightsSha256"] = HashOf(weights);
        json["card"] = Card.DeepClone();
        AtomicFile.WriteAllText(Path.Combine(folder, ModelFile), Write(json));
    }

    /// <summary>Graph, encoder and columns have to belong together; a file swapped for another model's is told, not run.</summary>
    private static void DemandOneModel(string folder, Graph graph, TableEncoder encoder, List<ColumnSchema> columns)
    {
        var given = encoder.Embeddings.Select(e => e.InputName).Append(TableEncoder.FeaturesName).ToHashSet(StringComparer.Ordinal);
        var features = graph.Inputs.FirstOrDefault(i => i.Name == TableEncoder.FeaturesName);
        if (graph.Inputs.FirstOrDefault(i => !given.Contains(i.Name)) is { } foreign)
            throw new DataFormatException(Path.Combine(folder, GraphFile), null, null, $"has an input '{foreign.Name}' that the folder's encoder.json does not give: the file belongs to another model. Copy the whole folder again.");
        if (features is not null && features.Shape?[-1].Size != encoder.FeatureWidth)
            throw new DataFormatException(Path.Combine(folder, GraphFile), null, null, $"takes {features.Shape?[-1]} features and encoder.json gives {encoder.FeatureWidth}: the files belong to different models. Copy the whole folder again.");
        if (!encoder.Columns.Select(c => c.Column).ToHashSet(StringComparer.Ordinal).SetEquals(columns.Select(c => c.Name)) || columns.DistinctBy(c => c.Name).Count() != columns.Count)
            throw new DataFormatException(Path.Combine(folder, ModelFile), null, null, "names other columns than encoder.json: the files belong to different models. Copy the whole folder again.");
    }

    private static List<ColumnSchema> ReadColumns(JsonObject json, string file)
    {
        try
        {
            return [.. (json["columns"]?.AsArray() ?? throw Missing(file, "columns")).Select(c => new ColumnSchema(
                Text(c!.AsObject(), file, "name"), Enum.Parse<ColumnKind>(Text(c.AsObject(), file, "kind"), ignoreCase: true), c["reason"]?.GetValue<string>() ?? ""))];
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or NullReferenceException)
        {
            throw new DataFormatException(file, null, null, $"'columns' cannot be read: {e.Message}", e);
        }
    }

    private static string Text(JsonObject json, string file, string key)
        => json[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw Missing(file, key);

    private static DataFormatException Missing(string file, string key) => new(file, null, null, $"'{key}' is missing or of the wrong type. The model folder is damaged: copy it again, or train again.");

    private static string Invariant(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string HashOf(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static string Write(JsonObject json)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) json.WriteTo(writer);
        return System.Text.Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length) + "\n";
    }
}
