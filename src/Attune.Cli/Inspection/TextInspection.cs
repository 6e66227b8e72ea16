using System.Text.Json.Nodes;
using Attune.Models.Text;
using Attune.Text;
using static Attune.Cli.Inspection.Inspected;

namespace Attune.Cli.Inspection;

/// <summary>A Hugging Face folder of a text encoder: sizes, head, tokenizer, what can be tuned.</summary>
internal static class TextInspection
{
    /// <summary>Reads the folder.</summary>
    /// <exception cref="DataFormatException">It cannot be read.</exception>
    /// <exception cref="WeightsException">The weights do not fit the configuration.</exception>
    public static Inspected Of(string folder)
    {
        var model = TextModel.Load(folder, new TextLoadOptions { Head = TextHead.SequenceClassification });
        var shape = model.Config.Shape;
        Tokenizer? tokenizer = null;
        try { tokenizer = Tokenizer.Load(folder); }
        catch (FileNotFoundException) { }   // said below
        var parameters = model.Graph.Weights.All.Where(w => w.Role == Weights.WeightRole.Parameter).Sum(w => w.Count);
        var head = model.Fresh.Where(n => !n.Contains("pooler", StringComparison.Ordinal)).ToList();
        var (tunable, lines) = GraphInspection.Tunable(model.Graph with { Outputs = [model.Graph.Outputs[0]] });
        var json = new JsonObject
        {
            ["kind"] = "text model",
            ["family"] = shape.Family,
            ["architecture"] = model.Config.Architecture,
            ["layers"] = shape.Depth,
            ["width"] = shape.Width,
            ["heads"] = shape.Heads,
            ["vocabulary"] = shape.VocabularySize,
            ["longest"] = model.MaxTokens,
            ["parameters"] = parameters,
            ["type"] = model.SourceType.ToString(),
            ["labels"] = Words(model.Config.Labels),
            ["fresh"] = Words(model.Fresh),
            ["unused"] = Words(model.Unexpected),
            ["tokenizer"] = tokenizer is null ? null : new JsonObject { ["words"] = tokenizer.VocabularySize, ["longest"] = tokenizer.ModelMaxLength },
            ["tuning"] = tunable,
        };
        List<string> text =
        [
            Invariant($"{folder}: {model.Config.Architecture ?? shape.Family}, {shape.Depth} layers of width {shape.Width}, {shape.Heads} heads, {parameters:N0} parameters ({model.SourceType.ToString().ToLowerInvariant()}), {shape.VocabularySize:N0} words, up to {model.MaxTokens} tokens"),
            head.Count > 0 ? "head: none for classes; tuning adds one" : $"head: {(model.Config.Labels.Count > 0 ? NearestName.Preview(model.Config.Labels) : Invariant($"{model.Outputs} outputs without names"))}",
            tokenizer is null ? "tokenizer: none; put tokenizer.json (or vocab.txt, vocab.json and merges.txt, a SentencePiece .model) into the folder" : Invariant($"tokenizer: {tokenizer.VocabularySize:N0} words"),
        ];
        if (model.Unexpected.Count > 0) text.Add(Invariant($"not used: {model.Unexpected.Count} weights of another head ({NearestName.Preview(model.Unexpected)})"));
        return new Inspected(json, [.. text, .. lines]);
    }
}
