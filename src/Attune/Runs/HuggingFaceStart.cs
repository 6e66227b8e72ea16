using System.Text.Json.Nodes;
using Attune.Encoding;
using Attune.Graphs;
using Attune.Models.Text;
using Attune.Text;

namespace Attune.Runs;

/// <summary>A Hugging Face folder of a text encoder as the start of a run: the only place where runs meet <see cref="TextModel"/>.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Model">The encoder with the head that its checkpoint has, or a fresh one.</param>
internal sealed record HuggingFaceStart(string Folder, TextModel Model)
{
    /// <summary>The configuration, which the model folder of a run keeps for exports.</summary>
    public JsonObject Config => (JsonObject)JsonNode.Parse(Model.Config.Json)!;

    /// <summary>True when the checkpoint has a head of the kind that was asked for.</summary>
    public bool HasHead => !Model.Fresh.Any(name => !name.Contains("pooler", StringComparison.Ordinal));

    /// <summary>Reads the folder with a head for one vector a text, or for words.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="words">Whether words have an output each.</param>
    /// <exception cref="DataFormatException">A file is missing or damaged, or the configuration has what is not known.</exception>
    /// <exception cref="WeightsException">The weights do not fit the configuration.</exception>
    public static HuggingFaceStart Load(string folder, bool words) => new(folder, Alone(TextModel.Load(folder, HeadFor(words))));

    /// <summary>The same encoder with a fresh head of some outputs.</summary>
    public (Graph Graph, IReadOnlySet<string> Fresh) WithHead(int outputs, ulong seed)
    {
        var model = Alone(TextModel.Load(Folder, HeadFor(Model.Head == TextHead.TokenClassification) with { Outputs = outputs, FreshHead = true, Seed = seed }));
        return (model.Graph, model.Fresh.ToHashSet(StringComparer.Ordinal));
    }

    /// <summary>The graph with the head's output alone.</summary>
    private static TextModel Alone(TextModel model) => model with { Graph = model.Graph with { Outputs = [model.Graph.Outputs[0]] } };

    private static TextLoadOptions HeadFor(bool words) => new() { Head = words ? TextHead.TokenClassification : TextHead.SequenceClassification, SelectsTokens = words };

    /// <summary>The tokenizer and how its ids reach the graph.</summary>
    /// <exception cref="DataFormatException">There is no tokenizer, or it has more words than the network.</exception>
    public TextStart Text()
    {
        Tokenizer tokenizer;
        try { tokenizer = Tokenizer.Load(Folder); }
        catch (FileNotFoundException)
        {
            throw new DataFormatException(Folder, null, null, "holds no tokenizer: put tokenizer.json (or vocab.txt, vocab.json and merges.txt, or a SentencePiece .model) beside the weights.");
        }
        var shape = Model.Config.Shape;
        if (tokenizer.LargestId >= shape.VocabularySize)
        {
            throw new DataFormatException(Folder, null, null, FormattableString.Invariant(
                $"The tokenizer gives ids up to {tokenizer.LargestId}, the network has {shape.VocabularySize} words: the tokenizer belongs to another model. Copy the whole folder again."));
        }
        var longest = Math.Min(Model.MaxTokens, tokenizer.ModelMaxLength ?? Model.MaxTokens);
        return new TextStart(tokenizer, new TextSettings(longest, new TokenPadding(shape.PadId ?? tokenizer.PadId ?? 0, longest), TextStart.FieldsOf(Model.Graph)!));
    }
}
