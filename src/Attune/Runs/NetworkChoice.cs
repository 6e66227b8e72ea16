using System.Text.Json.Nodes;
using Attune.Encoding;
using Attune.Graphs;
using Attune.Methods;
using Attune.Models;
using Attune.Models.Text;
using Attune.Models.Vision;
using Attune.Options;
using Attune.Prediction;
using Attune.Tasks;

namespace Attune.Runs;

/// <summary>The network of a run before a method rewrites it.</summary>
/// <param name="Graph">From inputs to raw outputs [B, OutputWidth]; weights are the run's own copy.</param>
/// <param name="Fresh">Weights that were just made.</param>
/// <param name="HeadReplaced">True when the starting model cannot answer the task and got a new head.</param>
internal sealed record NetworkChoice(Graph Graph, IReadOnlySet<string> Fresh, bool HeadReplaced)
{
    /// <summary>The configuration of a new network of a kind that Hugging Face folders have; null for others.</summary>
    public JsonObject? Upstream { get; init; }

    private const string DefaultImageNetwork = "resnet18";

    /// <summary>Builds a new network, or fits the starting one to the task.</summary>
    /// <exception cref="OptionsException">The options name no network that reads these data.</exception>
    /// <exception cref="WeightsException">The starting network has no head that could be replaced; says where to cut.</exception>
    public static NetworkChoice Make(RunOptions options, ModelInputs inputs, LearningTask task, StartingModel? start, int rows)
    {
        var seed = (ulong)options.Training.Seed;
        if (start is null && inputs is TextInputs texts) return NewForTexts(options, texts, seed);
        if (start is null) return inputs is TableInputs table ? NewForTable(options, table.Encoder, task, rows, seed) : NewForImages(options, task, seed);
        var network = start.Network with { Weights = start.Network.Weights.DeepCopy() };
        if (task is QuestionAnswering && start.HuggingFace is { HasHead: true }) return new(network, new HashSet<string>(), false);
        if (task is QuestionAnswering && start.Folder is not null) return new(network, new HashSet<string>(), false);
        if (task is MaskedLanguageModel) return new(network, start.HuggingFace?.Model.Fresh.ToHashSet(StringComparer.Ordinal) ?? [], start.HuggingFace is { HasHead: false });
        if (inputs is TextInputs { Settings.SelectsWords: true } && start.HuggingFace is null && (start.Folder is null || start.Folder.Task is not TokenClassification)) return ForWords(options, task, start, network, seed);
        if (task is SentenceEmbedding) return new(start.Folder is null && start.HuggingFace is null ? TextPooling.Pool(network) : network, new HashSet<string>(), false);
        if (inputs is TextInputs && start.Folder is null && start.HuggingFace is null) network = TextPooling.Pool(network);
        if (inputs is TableInputs given && start.Folder is null) network = OnnxColumns.Adapt(network, given.Encoder.FeatureWidth);
        if (inputs is TextInputs { Settings.SelectsWords: true } && options.Model.HeadAt is not null) throw new OptionsException($"model.head-at: {start.Path} has a place of its own for the head of words. Leave it out.");
        if (options.Model.HeadAt is { } value)
        {
            var (cut, made) = HeadReplacement.ReplaceAt(network, value, task.OutputWidth, seed);
            return new(cut, made, true);
        }
        if (start.HuggingFace is { Model.Head: not TextHead.Embedding } source)
        {
            if (source.HasHead && KeptHead(network, start, task) is { } head) return new(head, new HashSet<string>(), false);
            var (built, made) = source.WithHead(task.OutputWidth, seed);
            return new(built, made, true);
        }
        if (start.Folder is { } earlier)
        {
            if (ReferenceEquals(task, earlier.Task) || (task is Regression && earlier.Task is Regression)) return new(network, new HashSet<string>(), false);
        }
        else if (start.HuggingFace is null && KeptHead(network, start, task) is { } kept) return new(kept, new HashSet<string>(), false);
        // An encoder of texts answers with a vector that is to be read, not with classes to be replaced.
        var isEncoder = start.Text is not null && start.Folder is null && (start.HuggingFace is not null || !HasHead(network));
        var (replaced, fresh) = isEncoder ? HeadReplacement.ReplaceAt(network, network.Outputs[0].Name, task.OutputWidth, seed) : HeadReplacement.Replace(network, task.OutputWidth, seed);
        return new(replaced, fresh, true);
    }

    /// <summary>A network of others that tags words: its own head where that knows the tags, else a fresh one over the vectors of its tokens.</summary>
    private static NetworkChoice ForWords(RunOptions options, LearningTask task, StartingModel start, Graph network, ulong seed)
    {
        if (options.Model.HeadAt is null && start.Folder is null && start.Labels.Count > 0 && KeptHead(network, start, task) is { } kept) return new(WordOutputs.Answers(kept, task.OutputWidth), new HashSet<string>(), false);
        var words = WordOutputs.Choose(start.Path, network, options.Model.HeadAt);
        var (graph, fresh) = HeadReplacement.ReplaceAt(words, words.Outputs[0].Name, task.OutputWidth, seed);
        return new(graph, fresh, true);
    }

    /// <summary>The architecture that stands for pictures without a model.</summary>
    public static string ImageNetworkOf(ModelOptions options) => options.Name ?? DefaultImageNetwork;

    private static NetworkChoice NewForTable(RunOptions options, TableEncoder encoder, LearningTask task, int rows, ulong seed)
    {
        if (options.Model.Name is { } name && VisionCatalog.Find(name) is not null) throw new OptionsException($"model.name: {name} reads pictures; the data are a table. Choose mlp or linear, or name a folder of pictures with --data.");
        if (options.Augmentation.Cutmix > 0) throw new OptionsException("augmentation.cutmix: CutMix pastes a rectangle of one picture into another; the data are a table. Leave it at 0, or use augmentation.mixup.");
        List<NetworkInput> inputs = encoder.FeatureWidth > 0 ? [new NetworkInput(TableEncoder.FeaturesName, encoder.FeatureWidth)] : [];
        inputs.AddRange(encoder.Embeddings.Select(e => new NetworkInput(e.InputName, 1, e.Rows, e.EmbeddingWidth)));
        return New(Mlp.Build(inputs, task.OutputWidth, MlpShape.For(options.Model, rows, task), seed));
    }

    private static NetworkChoice NewForTexts(RunOptions options, TextInputs inputs, ulong seed)
    {
        const double usual = 0.1;
        var config = FreshBert.Config(inputs.Tokenizer.LargestId + 1, options.Model.Layers, options.Model.Width, options.Model.Heads, inputs.Settings.Padding.Most, options.Model.Dropout ?? usual, inputs.Settings.Padding.Id);
        var model = TextModel.Create(config, new TextLoadOptions { Head = TextHead.MaskedLanguageModel, SelectsTokens = true, Seed = seed });
        return New(model.Graph with { Outputs = [model.Graph.Outputs[0]] }) with { Upstream = (JsonObject)JsonNode.Parse(config.Json)! };
    }

    private static NetworkChoice NewForImages(RunOptions options, LearningTask task, ulong seed)
    {
        var name = ImageNetworkOf(options.Model);
        if (VisionCatalog.Find(name) is null) throw new OptionsException($"model.name: {name} reads tables; the data are pictures. Choose an image network (attune list models), or fine-tune one with --model.");
        return New(VisionModel.Create(name, task.OutputWidth, seed, options.Model.Dropout).Graph);
    }

    private static NetworkChoice New(Graph graph) => new(graph, graph.Weights.All.Select(w => w.Name).ToHashSet(StringComparer.Ordinal), false);

    private static bool HasHead(Graph network)
    {
        try { return GraphHead.Find(network) is not null; }
        catch (WeightsException) { return false; }
    }

    /// <summary>The network with its own head when that answers the task, else null.</summary>
    private static Graph? KeptHead(Graph network, StartingModel start, LearningTask task)
    {
        GraphHead head;
        try { head = GraphHead.Find(network); }
        catch (WeightsException) { return null; }   // replacing it will say what is wrong
        if (task is Regression regression)
            return head is { Outputs: 1, Activation: null } ? HeadReplacement.Standardized(HeadReplacement.CutAtLogits(network), regression) : null;
        var names = task.PredictionNames;
        var labels = start.Labels.Count > 0 ? start.Labels : [.. Enumerable.Range(0, Math.Max(2, head.Outputs)).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture))];
        if (!labels.SequenceEqual(names, StringComparer.Ordinal)) return null;
        if (task is not Classification { Classes.Count: 2 } binary) return head.Outputs == task.OutputWidth ? HeadReplacement.CutAtLogits(network) : null;
        if (head.Outputs == 2) return HeadReplacement.ToSingleLogit(HeadReplacement.CutAtLogits(network), binary.PositiveIndex);
        // One sigmoid output is the probability of the second class.
        return head.Outputs == 1 && head.Activation is "Sigmoid" && binary.PositiveIndex == 1 ? HeadReplacement.CutAtLogits(network) : null;
    }
}
