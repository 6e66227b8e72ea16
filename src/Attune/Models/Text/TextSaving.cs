using System.Globalization;
using Utf8 = System.Text.Encoding;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Attune.Graphs;
using Attune.Weights;

namespace Attune.Models.Text;

/// <summary>Writes folders that transformers and sentence-transformers load.</summary>
internal static class TextSaving
{
    private static readonly JsonSerializerOptions _json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Beside modules.json: what sentence-transformers reads, and each module's own.
    private static readonly string[] _sentenceFiles = ["modules.json", "config_sentence_transformers.json", "sentence_bert_config.json"];

    /// <summary>Writes configuration and weights.</summary>
    public static void Write(TextModel model, string folder, WeightStore weights, TextConfigChanges changes)
    {
        var modules = model.Head == TextHead.Embedding && model.Folder is { } source ? SentenceModules.Read(source) : new SentenceModules { Encoder = model.Folder ?? "" };
        var encoder = model.Folder is null || modules.Encoder == model.Folder ? folder : Path.Combine(folder, Path.GetRelativePath(model.Folder, modules.Encoder));
        Directory.CreateDirectory(encoder);
        AtomicFile.Write(Path.Combine(encoder, "config.json"), s => s.Write(Utf8.UTF8.GetBytes(Config(model, changes))));
        var type = changes.Type ?? model.SourceType;
        var parameters = Parameters(model, weights, type);
        foreach (var layer in modules.Dense)
        {
            var (place, prefix) = (Path.Combine(folder, layer.Place), layer.Place + ".");
            Directory.CreateDirectory(place);
            var own = parameters.Where(w => w.Name.StartsWith(prefix, StringComparison.Ordinal)).ToList();
            SafetensorsWriter.Write(Path.Combine(place, "model.safetensors"), new WeightStore(own.Select(w => w with { Name = w.Name[prefix.Length..] })), Format);
            parameters.RemoveAll(own.Contains);
        }
        SafetensorsWriter.Write(Path.Combine(encoder, "model.safetensors"), new WeightStore(parameters), Format);
        if (model.Head == TextHead.Embedding) Sentence(model, folder, modules);
    }

    private static Dictionary<string, string> Format => new() { ["format"] = "pt" };

    private static List<Weight> Parameters(TextModel model, WeightStore weights, DataType type)
    {
        var own = model.Graph.Weights.All.Where(w => w.Role == WeightRole.Parameter).ToList();
        var missing = own.Where(w => !weights.Contains(w.Name)).Select(w => w.Name).ToList();
        if (missing.Count > 0) throw new WeightsException($"{missing.Count} weights of {model.Graph.Name} are missing: {NearestName.Preview(missing)}. Merge adapters before the network is written.");
        return [.. own.Select(w => w with { Value = weights[w.Name].Value.ToFloating(type), Aliases = [] }), .. model.Carried.All.Select(w => w with { Value = w.Value.ToFloating(type), Aliases = [] })];
    }

    private static string Config(TextModel model, TextConfigChanges changes)
    {
        var root = JsonNode.Parse(model.Config.Json)!.AsObject();
        root["architectures"] = new JsonArray(model.Config.Shape.Architecture(model.Head));
        if (changes.Type is { } type) root["torch_dtype"] = type switch { DataType.BFloat16 => "bfloat16", DataType.Float16 => "float16", _ => "float32" };
        if (changes.ProblemType is { } problem) root["problem_type"] = problem;
        var labels = changes.Labels ?? model.Config.Labels;
        if (model.Head is TextHead.SequenceClassification or TextHead.TokenClassification)
        {
            if (labels.Count != model.Outputs) labels = [.. Enumerable.Range(0, model.Outputs).Select(i => string.Create(CultureInfo.InvariantCulture, $"LABEL_{i}"))];
            root["id2label"] = new JsonObject(labels.Select((l, i) => KeyValuePair.Create(i.ToString(CultureInfo.InvariantCulture), (JsonNode?)l)));
            var indices = new JsonObject();
            for (var i = 0; i < labels.Count; i++) indices[labels[i]] = i;
            root["label2id"] = indices;
            root.Remove("num_labels");
            root.Remove("_num_labels");
        }
        return root.ToJsonString(_json) + "\n";
    }

    private static void Sentence(TextModel model, string folder, SentenceModules modules)
    {
        if (model.Folder is { } source && File.Exists(Path.Combine(source, "modules.json")))
        {
            foreach (var file in _sentenceFiles.Concat(modules.Files).Distinct().Where(f => File.Exists(Path.Combine(source, f)))) Copy(Path.Combine(source, file), Path.Combine(folder, file));
            return;
        }
        string Module(int i, string path, string type) => $"  {{\"idx\": {i}, \"name\": \"{i}\", \"path\": \"{path}\", \"type\": \"sentence_transformers.models.{type}\"}}";
        List<string> all = [Module(0, "", "Transformer"), Module(1, "1_Pooling", "Pooling")];
        if (model.Normalizes) all.Add(Module(2, "2_Normalize", "Normalize"));
        Text(Path.Combine(folder, "modules.json"), $"[\n{string.Join(",\n", all)}\n]\n");
        Text(Path.Combine(folder, "1_Pooling", "config.json"), SentenceModules.PoolingConfig(model.Config.Shape.Width, model.Pooling));
    }

    private static void Copy(string from, string to)
    {
        var bytes = File.ReadAllBytes(from);
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        AtomicFile.Write(to, s => s.Write(bytes));
    }

    private static void Text(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.Write(path, s => s.Write(Utf8.UTF8.GetBytes(text)));
    }
}
