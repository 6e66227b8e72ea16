using Attune.Graphs;
using Attune.Weights;

namespace Attune.Models.Text;

/// <summary>
/// A text network as a graph with upstream's weight names, and what is known beside the graph. Inputs <c>input_ids</c>, <c>attention_mask</c> and, where the family has segments,
/// <c>token_type_ids</c>, all int64 [B, T] (further ones by <see cref="TextLoadOptions"/>); the head's output comes first, then <c>last_hidden_state</c> [B, T, D].
/// </summary>
/// <param name="Graph">The network.</param>
/// <param name="Config">Its configuration, as it came.</param>
/// <param name="Head">What stands on top.</param>
/// <param name="Outputs">K of a classification head, width of an embedding, words of a language model.</param>
public sealed record TextModel(Graph Graph, TextConfig Config, TextHead Head, int Outputs)
{
    /// <summary>Name of the input of token ids.</summary>
    public const string InputIds = "input_ids";

    /// <summary>Name of the input of the padding mask.</summary>
    public const string AttentionMask = "attention_mask";

    /// <summary>Name of the input of segments.</summary>
    public const string TokenTypeIds = "token_type_ids";

    /// <summary>Name of the input of positions.</summary>
    public const string PositionIds = "position_ids";

    /// <summary>Name of the input of the tokens that have an output.</summary>
    public const string Selected = "selected";

    /// <summary>Name of the output of token vectors.</summary>
    public const string LastHiddenState = "last_hidden_state";

    /// <summary>Name of a head's output.</summary>
    public const string Logits = "logits";

    /// <summary>Name of an embedding's output.</summary>
    public const string SentenceEmbedding = "sentence_embedding";

    /// <summary>Name of the pooler's output.</summary>
    public const string PoolerOutput = "pooler_output";

    /// <summary>Weights that started afresh, in the order of the network: a head that the checkpoint lacks or has for other outputs.</summary>
    public IReadOnlyList<string> Fresh { get; init; } = [];

    /// <summary>Names of the checkpoint that the network has no use for: other heads.</summary>
    public IReadOnlyList<string> Unexpected { get; init; } = [];

    /// <summary>Names of the graph's values that upstream returns as hidden states: the embeddings', then each layer's output.</summary>
    public IReadOnlyList<string> HiddenStates { get; init; } = [];

    /// <summary>Longest text in tokens, special ones included: the positions', or less where sentence-transformers says so.</summary>
    public int MaxTokens { get; init; }

    /// <summary>Element type of the checkpoint's weights; the graph's are float.</summary>
    public DataType SourceType { get; init; } = DataType.Float;

    /// <summary>The files that were read.</summary>
    public IReadOnlyList<string> SourceFiles { get; init; } = [];

    /// <summary>Pooling of an embedding; empty without one.</summary>
    public IReadOnlyList<PoolingMode> Pooling { get; init; } = [];

    /// <summary>True when embeddings have norm 1.</summary>
    public bool Normalizes { get; init; }

    /// <summary>The folder that was loaded; null for a fresh network.</summary>
    internal string? Folder { get; init; }

    /// <summary>Weights of the checkpoint that the graph does not compute with and that are written back unchanged: the pooler of an embedding's encoder.</summary>
    internal WeightStore Carried { get; init; } = new();

    /// <summary>Loads a folder of transformers or sentence-transformers: <c>config.json</c> with safetensors or PyTorch weights, in one file or several.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">The head, and what the files cannot tell.</param>
    /// <exception cref="DataFormatException">A file is missing or damaged, the family is not known, or <c>config.json</c> has a setting that is unknown or not built.</exception>
    /// <exception cref="WeightsException">The weights do not fit; lists the first ten missing and misshapen names of each and their counts. A missing head starts afresh instead.</exception>
    /// <exception cref="OptionsException">The family has no such head.</exception>
    public static TextModel Load(string folder, TextLoadOptions? options = null)
    {
        options ??= new TextLoadOptions();
        var modules = SentenceModules.Read(folder);
        var config = TextConfig.Read(Path.Combine(modules.Encoder, "config.json"), options.IgnoredSettings);
        var files = CheckpointFolder.Read(modules.Encoder);
        return new TextAssembly(folder, config, options, modules).Load(files);
    }

    /// <summary>A network with fresh weights, normal with the configuration's <c>initializer_range</c>, biases zero, norms one.</summary>
    /// <param name="config">The configuration: <see cref="TextConfig.Parse(string, string, IReadOnlyList{string}?)"/>.</param>
    /// <param name="options">The head.</param>
    /// <exception cref="OptionsException">The family has no such head.</exception>
    public static TextModel Create(TextConfig config, TextLoadOptions? options = null)
        => new TextAssembly(null, config, options ?? new TextLoadOptions(), new SentenceModules { Encoder = "" }).Create();

    /// <summary>
    /// Writes a folder that transformers (and for embeddings sentence-transformers) loads: <c>config.json</c> with everything kept but what changes, and <c>model.safetensors</c> with
    /// upstream's names in the checkpoint's element type; a tied weight is written once, under the word embeddings' name. Tokenizer files are not touched.
    /// </summary>
    /// <param name="folder">The folder; made when it is not there.</param>
    /// <param name="weights">The trained weights under the graph's names; null for the graph's own.</param>
    /// <param name="changes">What changes in <c>config.json</c>.</param>
    /// <exception cref="WeightsException">A weight of the graph is missing.</exception>
    public void Save(string folder, WeightStore? weights = null, TextConfigChanges? changes = null) => TextSaving.Write(this, folder, weights ?? Graph.Weights, changes ?? new TextConfigChanges());
}
