using System.Text.Json.Nodes;
using Attune.Graphs;
using Attune.Methods;
using Attune.Models.Text;
using Attune.Options;
using Attune.Prediction;
using Attune.Weights;

namespace Attune.Runs;

/// <summary>A Hugging Face folder of a text encoder as the start of a run: the only place where runs meet <see cref="TextModel"/>.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Model">The encoder with the head that its checkpoint has, or a fresh one.</param>
internal sealed record HuggingFaceStart(string Folder, TextModel Model)
{
    /// <summary>The configuration, which the model folder of a run keeps for exports.</summary>
    public JsonObject Config
    {
        get
        {
            var config = (JsonObject)JsonNode.Parse(Model.Config.Json)!;
            // How vectors of tokens become one of a text stands beside upstream's configuration, not in it.
            if (Model.Head == TextHead.Embedding)
                config[SentenceKey] = new JsonObject { ["pooling"] = new JsonArray([.. Model.Pooling.Select(p => (JsonNode)p.ToString())]), ["normalize"] = Model.Normalizes, ["dense"] = SentenceModules.Read(Folder).Dense.Count > 0 };
            return config;
        }
    }

    /// <summary>Key of an embedding's pooling within <see cref="Config"/>.</summary>
    public const string SentenceKey = "attune_sentence";

    /// <summary>The adapter that the run starts from; null when it starts from the folder itself.</summary>
    public AdapterFolder? Adapter { get; init; }

    /// <summary>What stands beside <see cref="Model"/> and is trained on; null when there is nothing, or it is merged.</summary>
    public PeftAdapter? Additions { get; init; }

    /// <summary>True when the checkpoint has a head of the kind that was asked for.</summary>
    public bool HasHead => Adapter is not null || !Model.Fresh.Any(name => !name.Contains("pooler", StringComparison.Ordinal));

    /// <summary>Reads the folder with a head for classes or numbers of a text, for its words, for hidden words, for answers, or with none for an embedding.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="head">What it answers with; an embedding is pooled as the folder says, else by the mean over tokens.</param>
    /// <exception cref="DataFormatException">A file is missing or damaged, or the configuration has what is not known.</exception>
    /// <exception cref="WeightsException">The weights do not fit the configuration.</exception>
    public static HuggingFaceStart Load(string folder, TextHead head) => new(folder, Alone(TextModel.Load(folder, HeadFor(head))));

    /// <summary>Reads an adapter and its base.</summary>
    /// <param name="folder">The adapter.</param>
    /// <param name="head">What is to be answered.</param>
    /// <param name="method">The adapter's own method goes on with it; others start from the merged network.</param>
    /// <exception cref="OptionsException">The adapter answers something else.</exception>
    /// <exception cref="WeightsException">The base is another one than the adapter was trained on.</exception>
    public static HuggingFaceStart LoadAdapter(AdapterFolder folder, TextHead head, MethodOptions method)
    {
        if (folder.Head != head) throw new OptionsException($"model.path: the adapter in {folder.Path} belongs to a network for {folder.Head}, and this task needs {head}. Start from the base {folder.Base}.");
        var loaded = folder.LoadBase();
        var model = loaded.Text! with { Graph = loaded.Graph };
        var attached = folder.Adapter.Attach(model.Graph);
        if (folder.Adapter.Config is { IsVirtual: true } config && config.Method != method.Name)
            throw new OptionsException($"method.name: {folder.Path} holds learned tokens, which cannot be merged into their base. Train them on with --method {config.Method}, or start from the base {folder.Base}.");
        if (!ContinuedAdapter.Continues(method, folder.Adapter.Config)) return new(folder.Base, model with { Graph = attached.Merge(attached.Graph, out _) }) { Adapter = folder };
        return new(folder.Base, model with { Graph = folder.Adapter.WithWhole(model.Graph) }) { Adapter = folder, Additions = folder.Adapter.Additions() };
    }

    /// <summary>The same encoder with a fresh head of some outputs.</summary>
    public (Graph Graph, IReadOnlySet<string> Fresh) WithHead(int outputs, ulong seed)
    {
        var model = Alone(TextModel.Load(Folder, HeadFor(Model.Head) with { Outputs = outputs, FreshHead = true, Seed = seed }));
        if (Adapter is null) return (model.Graph, model.Fresh.ToHashSet(StringComparer.Ordinal));
        // Everything but the head is the adapter's.
        var (fresh, weights) = (model.Fresh.Where(n => !n.Contains("pooler", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal), new WeightStore(model.Graph.Weights.All));
        foreach (var weight in model.Graph.Weights.All.Where(w => !fresh.Contains(w.Name) && Model.Graph.Weights.Contains(w.Name))) weights.Replace(weight with { Value = Model.Graph.Weights[weight.Name].Value });
        return (model.Graph with { Weights = weights.DeepCopy() }, fresh);
    }

    /// <summary>The graph with the head's output alone.</summary>
    private static TextModel Alone(TextModel model) => model with { Graph = model.Graph with { Outputs = [model.Graph.Outputs[0]] } };

    private static TextLoadOptions HeadFor(TextHead head) => new() { Head = head, SelectsTokens = head is TextHead.TokenClassification or TextHead.MaskedLanguageModel or TextHead.QuestionAnswering };

    /// <summary>The tokenizer and how its ids reach the graph.</summary>
    /// <exception cref="DataFormatException">There is no tokenizer, or it has more words than the network.</exception>
    public TextStart Text()
    {
        var tokenizer = TextFolders.TokenizerOf(Model, Folder);
        return new TextStart(tokenizer, TextFolders.SettingsOf(Model, tokenizer));
    }
}
