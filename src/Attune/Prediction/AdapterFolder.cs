using System.Text.Json;
using System.Text.Json.Nodes;
using Attune.Data;
using Attune.Encoding;
using Attune.Graphs;
using Attune.Hub;
using Attune.Methods;
using Attune.Models.Text;
using Attune.Models.Vision;
using Attune.Options;
using Attune.Tasks;
using Attune.Text;
using Attune.Weights;

namespace Attune.Prediction;

/// <summary>
/// A folder of an adapter beside a Hugging Face folder of texts or a checkpoint of pictures: PEFT's two files, and in ours <c>attune.json</c> with task, columns and settings of texts or pictures, which PEFT passes over.
/// </summary>
/// <param name="Path">The folder.</param>
/// <param name="Adapter">PEFT's two files.</param>
/// <param name="Base">The Hugging Face folder or checkpoint that it belongs to.</param>
public sealed record AdapterFolder(string Path, PeftAdapter Adapter, string Base)
{
    /// <summary>Name of the file with what PEFT has no field for.</summary>
    public const string TaskFile = "attune.json";

    private const int Format = 1;

    // The last linear layer of upstream's heads for texts and for tokens
    private static readonly string[] _heads = ["classifier.weight", "score.weight", "classifier.out_proj.weight"];

    /// <summary>What it answers; null for an adapter of others.</summary>
    public LearningTask? Task { get; init; }

    /// <summary>The text columns of its training; empty for an adapter of others.</summary>
    public IReadOnlyList<ColumnSchema> Columns { get; init; } = [];

    /// <summary>Length and graph inputs of its training; null for an adapter of others.</summary>
    public TextSettings? Settings { get; init; }

    /// <summary>How pictures were prepared in its training; null for one of texts, and for one of others.</summary>
    public ImagePreprocessing? Images { get; init; }

    /// <summary>Architecture of a base of pictures that its files do not tell; null otherwise.</summary>
    public string? Network { get; init; }

    /// <summary>True when the base reads pictures.</summary>
    public bool IsOfPictures => Images is not null || (Settings is null && ModelFiles.KindOf(Base) == ModelFileKind.Checkpoint);

    /// <summary>What stands on top of a base of texts.</summary>
    public TextHead Head => HeadOf(Task, Adapter.Config.TaskType);

    /// <summary>The folder with the adapter's files for a path that names it or the run around it; null when there is none.</summary>
    /// <param name="path">An adapter's folder, a run, or its model folder.</param>
    public static string? Locate(string path)
        => new[] { path, System.IO.Path.Combine(path, "adapter"), System.IO.Path.Combine(path, "model", "adapter") }.FirstOrDefault(p => File.Exists(System.IO.Path.Combine(p, PeftAdapter.ConfigFile)));

    /// <summary>Reads an adapter and finds its base.</summary>
    /// <param name="path">An adapter's folder, or a run of a method that adds weights.</param>
    /// <param name="baseModel">The base; null for the one that the adapter names.</param>
    /// <exception cref="DataFormatException">There is no adapter, or a file is damaged.</exception>
    /// <exception cref="OptionsException">The base is not here; says how to name it.</exception>
    public static AdapterFolder Read(string path, string? baseModel = null)
    {
        var folder = Locate(path) ?? throw new DataFormatException(path, null, null, $"holds no adapter ({PeftAdapter.ConfigFile} is missing). Name a folder that PEFT or `attune export --format peft` has written, or a run of lora, rslora, dora or ia3 that started from a Hugging Face folder or a checkpoint of pictures.");
        var adapter = PeftAdapter.Read(folder);
        var result = new AdapterFolder(folder, adapter, FindBase(folder, baseModel, adapter.Config.BaseModel));
        var file = System.IO.Path.Combine(folder, TaskFile);
        if (!File.Exists(file)) return result;
        try
        {
            var json = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
            if (json["format"]!.GetValue<int>() != Format) throw new DataFormatException(file, null, null, $"has format {json["format"]}; this version reads format {Format}. Use the Attune version that wrote it.");
            if (json["images"] is JsonObject images)
                return result with { Task = TaskDocument.FromJson(json["task"]!.ToJsonString(), file).ToTask(file), Images = ImagePreprocessing.FromJson(images.ToJsonString(), file), Network = json["network"]?.GetValue<string>() };
            return result with
            {
                Task = TaskDocument.FromJson(json["task"]!.ToJsonString(), file).ToTask(file),
                Columns = [.. json["columns"]!.AsArray().Select(c => new ColumnSchema(c!.GetValue<string>(), ColumnKind.Text, "the text"))],
                Settings = TextSettings.FromJson(json["text"]!.AsObject(), file),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or FormatException)
        {
            throw new DataFormatException(file, null, null, $"cannot be read: {e.Message} Copy the whole folder again.", e);
        }
    }

    /// <summary>Writes PEFT's two files and <see cref="TaskFile"/>.</summary>
    /// <param name="folder">The folder; made when it is not there.</param>
    /// <param name="adapter">The adapter.</param>
    /// <param name="task">What it answers.</param>
    /// <param name="inputs">From texts or pictures to the network's inputs.</param>
    /// <param name="network">Architecture of a base of pictures, where the user named it.</param>
    /// <exception cref="ArgumentException">The inputs are those of a table.</exception>
    public static void Write(string folder, PeftAdapter adapter, LearningTask task, ModelInputs inputs, string? network = null)
    {
        adapter.Write(folder);
        var json = new JsonObject { ["format"] = Format, ["task"] = JsonNode.Parse(task.ToDocument().ToJson()) };
        if (inputs is ImageInputs pictures)
        {
            json["images"] = JsonNode.Parse(pictures.Preprocessing.ToJson());
            if (network is not null) json["network"] = network;
        }
        else if (inputs is TextInputs texts)
        {
            json["columns"] = new JsonArray([.. texts.TextColumns.Select(c => (JsonNode?)c.Name)]);
            json["text"] = texts.Settings.ToJson();
        }
        else throw new ArgumentException("An adapter stands beside a network of texts or pictures.", nameof(inputs));
        AtomicFile.WriteAllText(System.IO.Path.Combine(folder, TaskFile), json.ToJsonString(new() { WriteIndented = true }) + "\n");
    }

    /// <summary>The base with a head of the adapter's outputs.</summary>
    /// <exception cref="DataFormatException">The base's files are damaged.</exception>
    /// <exception cref="WeightsException">Something of the network stands neither in the base nor in the adapter.</exception>
    public AdapterBase LoadBase()
    {
        var outputs = Head is TextHead.Embedding or TextHead.QuestionAnswering or TextHead.MaskedLanguageModel ? null : Task is Classification { Classes.Count: 2 } ? 2 : Task?.OutputWidth ?? (int?)Adapter.Weights.All.FirstOrDefault(w => _heads.Any(h => w.Name == h || w.Name.EndsWith("." + h, StringComparison.Ordinal)))?.Value.Sizes[0];
        AdapterBase model;
        if (IsOfPictures)
        {
            var vision = VisionModel.Load(Base, new VisionLoadOptions { Name = Network, Classes = outputs });
            var head = vision.Shape.Head;
            model = new AdapterBase(vision.Graph, outputs is null || vision.Labels.Count > 0 ? [] : [.. vision.Graph.Weights.All.Select(w => w.Name).Where(n => n.StartsWith(head + ".", StringComparison.Ordinal))]) { Vision = vision };
        }
        else
        {
            var text = TextModel.Load(Base, new TextLoadOptions { Head = Head, SelectsTokens = Head is TextHead.TokenClassification or TextHead.QuestionAnswering or TextHead.MaskedLanguageModel, Outputs = outputs });
            model = new AdapterBase(text.Graph with { Outputs = [text.Graph.Outputs[0]] }, text.Fresh) { Text = text };
        }
        Adapter.DemandSettings(Base, model.Settings);
        var lost = model.Fresh.Where(n => !Adapter.Weights.Contains(n)).ToList();
        if (lost.Count > 0) throw new WeightsException($"{Path}: {lost.Count} weights stand neither in the adapter nor in its base {Base}: {NearestName.Preview(lost)}. Load the base that it was trained on.");
        return model;
    }

    /// <summary>The base with the adapter beside its weights, ready to predict.</summary>
    /// <param name="baseModel">What <see cref="LoadBase"/> gave for this adapter or for another one of the same head; null loads it. Its weights are shared, not copied.</param>
    /// <exception cref="WeightsException">The base is another one than the adapter was trained on, or names and shapes do not fit.</exception>
    public ModelFolder Load(AdapterBase? baseModel = null)
    {
        var model = baseModel ?? LoadBase();
        return ModelOf(model, Adapter.Attach(model.Graph).Graph);
    }

    /// <summary>The base with the weights that the adapter holds whole (a head), and nothing beside them.</summary>
    /// <param name="baseModel">What <see cref="LoadBase"/> gave.</param>
    internal ModelFolder LoadPlain(AdapterBase baseModel) => ModelOf(baseModel, Adapter.WithWhole(baseModel.Graph));

    private ModelFolder ModelOf(AdapterBase model, Graph network)
    {
        var task = Task ?? TaskOf(model);
        if (task is Classification { Classes.Count: 2 } binary) network = HeadReplacement.ToSingleLogit(network, binary.PositiveIndex);
        if (task is Regression regression) network = HeadReplacement.Standardized(network, regression);
        if (model.Vision is { } vision) return new ModelFolder(network, new ImageInputs(Images ?? vision.Preprocessing), task, []);
        var inputs = InputsOf(model.Text!);
        return new ModelFolder(network, inputs, task, []) { Upstream = (JsonObject)JsonNode.Parse(model.Text!.Config.Json)! };
    }

    /// <summary>The base's tokenizer and how its ids reach the graph.</summary>
    private TextInputs InputsOf(TextModel model)
    {
        var tokenizer = TextFolders.TokenizerOf(model, Base);
        return new TextInputs(tokenizer, Columns.Count > 0 ? Columns : [new ColumnSchema("text", ColumnKind.Text, "the text")], Settings ?? TextFolders.SettingsOf(model, tokenizer).Behind(Adapter.Config.VirtualTokens));
    }

    // PEFT's files name no classes; the base's configuration may.
    private LearningTask TaskOf(AdapterBase model)
    {
        if (Head is TextHead.Embedding or TextHead.QuestionAnswering) throw new OptionsException($"{Path}: the adapter says neither columns nor settings, as {(Head == TextHead.Embedding ? "vectors of texts" : "answers to questions")} need. Name a run of attune, or what attune export --format peft has written.");
        var (known, outputs) = model.Vision is { } vision ? (vision.Labels, vision.Shape.Classes) : (model.Text!.Config.Labels, model.Text.Outputs);
        var (target, labels) = ("label", known.Count == outputs ? known : [.. Enumerable.Range(0, outputs).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture))]);
        if (Head == TextHead.TokenClassification) return new TokenClassification(labels);
        return outputs switch
        {
            1 => new Regression(target, 0, 1),
            2 => new Classification(target, labels, labels[1]),
            _ => new Classification(target, labels, null),
        };
    }

    private static TextHead HeadOf(LearningTask? task, string? type) => (task, type) switch
    {
        (TokenClassification, _) or (null, "TOKEN_CLS") => TextHead.TokenClassification,
        (SentenceEmbedding, _) or (null, "FEATURE_EXTRACTION") => TextHead.Embedding,
        (QuestionAnswering, _) or (null, "QUESTION_ANS") => TextHead.QuestionAnswering,
        (MaskedLanguageModel, _) => TextHead.MaskedLanguageModel,
        _ => TextHead.SequenceClassification,
    };

    private static string FindBase(string folder, string? given, string? named)
    {
        if (given is not null)
        {
            var path = ModelPath.Resolve(given);
            return System.IO.Path.Exists(path) ? path : throw new OptionsException($"--base: there is no folder or file '{given}'. Name the Hugging Face folder or checkpoint that the adapter was trained on.");
        }
        if (named is not { Length: > 0 }) throw new OptionsException($"{folder}: {PeftAdapter.ConfigFile} does not say which base the adapter belongs to. Name its folder with --base FOLDER.");
        foreach (var candidate in new[] { named, System.IO.Path.Combine(folder, named) }.Where(System.IO.Path.Exists)) return candidate;
        try
        {
            if (Directory.Exists(ModelPath.Resolve(named))) return ModelPath.Resolve(named);
        }
        catch (OptionsException e) { throw new OptionsException($"{folder}: the adapter belongs to the base '{named}', which is not here. Name its folder with --base FOLDER, or fetch it. {e.Message}"); }
        throw new OptionsException($"{folder}: the adapter belongs to the base '{named}', which is not here. Name its folder with --base FOLDER.");
    }
}
