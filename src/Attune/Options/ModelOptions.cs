namespace Attune.Options;

/// <summary>Which network starts the run.</summary>
public sealed record ModelOptions
{
    /// <summary>
    /// What to fine-tune: an earlier run or model folder, a Hugging Face folder of a text encoder, an adapter that PEFT or <c>attune export --format peft</c> has written, an ONNX file, a checkpoint of an image network (.safetensors, .pth, .bin, or a folder with one), or <c>org/name</c> of a model in the Hugging Face cache (see docs/hub.md); null builds a new network.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>The Hugging Face folder that an adapter in <see cref="Path"/> belongs to. Default: the one that the adapter names, as a path or in the Hugging Face cache.</summary>
    public string? Base { get; init; }

    /// <summary>
    /// A value of the earlier model (see <c>attune inspect</c>) that a new head reads; everything behind it is left out. [B, C, H, W] and [B, T, D] are averaged over space or tokens first.
    /// Default: a new head takes the place of the old one, and only where the classes differ.
    /// </summary>
    public string? HeadAt { get; init; }

    /// <summary>
    /// Names of the network's outputs in order, for files that do not say them: where they are the classes of the data, the head is kept instead of replaced.
    /// </summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>
    /// Network when there is no <see cref="Path"/> (see <c>attune list models</c>). For a checkpoint: the architecture, where its names and sizes do not tell it. Default: <c>mlp</c> for tables,
    /// <c>resnet18</c> for pictures; of texts <c>bert</c> can be made anew, by <c>--task mlm</c>.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>Widths of the hidden layers. Default: chosen from the table's size (see docs/models.md).</summary>
    public IReadOnlyList<int>? HiddenSizes { get; init; }

    /// <summary>Activation after each hidden layer: <c>relu</c>, <c>gelu</c>, <c>silu</c>, <c>tanh</c>, <c>sigmoid</c>. Default relu.</summary>
    public string Activation { get; init; } = "relu";

    /// <summary>Normalisation before each activation: <c>none</c>, <c>batch</c>, <c>layer</c>. Default: chosen from the table's size.</summary>
    public string? Normalization { get; init; }

    /// <summary>Share of hidden units dropped in training, in [0, 1). Default: chosen from the table's size.</summary>
    public double? Dropout { get; init; }

    /// <summary>Adds each hidden layer's input to its output where the widths agree. Default false.</summary>
    public bool Residual { get; init; }

    /// <summary>Layers of a new text encoder, ≥ 1. Default 4.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>Numbers of a token in a new text encoder. Default 256.</summary>
    public int Width { get; init; } = 256;

    /// <summary>Attention heads of a new text encoder; <see cref="Width"/> is a multiple. Default: one for each 64 numbers.</summary>
    public int? Heads { get; init; }

    internal void Validate(Problems problems)
    {
        problems.OneOf(Models.ModelCatalog.Names, Name, "model.name");
        if (Labels.Distinct(StringComparer.Ordinal).Count() != Labels.Count) problems.Add("model.labels", "names a label twice.");
        if (Path is null && Labels.Count > 0) problems.Add("model.labels", "needs a network to fine-tune (--model FILE), whose outputs it names.");
        problems.OneOf(["relu", "gelu", "silu", "tanh", "sigmoid"], Activation, "model.activation");
        problems.OneOf(["none", "batch", "layer"], Normalization, "model.normalization");
        problems.InRange(0, 1, Dropout, "model.dropout");
        foreach (var size in HiddenSizes ?? []) problems.InRange(1, 16_385, size, "model.hidden-sizes");
        if (HiddenSizes?.Count > 100) problems.Add("model.hidden-sizes", $"has {HiddenSizes.Count} layers; at most 100 make sense.");
        problems.InRange(1, 129, Layers, "model.layers");
        problems.InRange(1, 16_385, Width, "model.width");
        problems.InRange(1, 1_025, Heads, "model.heads");
        if (Path is null && Base is not null) problems.Add("model.base", "needs an adapter to start from (--model FOLDER), whose base it names.");
        if (Path is null && HeadAt is not null) problems.Add("model.head-at", "needs an earlier model (--model RUN), of which it names a value.");
        var built = new ModelOptions();
        if (Path is null)
        {
            var isEncoder = Name == "bert";
            if (!isEncoder && (Layers != built.Layers || Width != built.Width || Heads is not null)) problems.Add("model.layers", "with model.width and model.heads is for a new text encoder (model.name=bert). Leave them out.");
            if (isEncoder && (HiddenSizes is not null || Activation != built.Activation || Normalization is not null || Residual)) problems.Add("model.hidden-sizes", "with model.activation, model.normalization and model.residual is for tables; the size of a BERT is model.layers and model.width. Leave them out.");
            return;
        }
        if (HiddenSizes is not null) Contradiction(problems, "hidden-sizes");
        if (Activation != built.Activation) Contradiction(problems, "activation");
        if (Normalization is not null) Contradiction(problems, "normalization");
        if (Dropout is not null) Contradiction(problems, "dropout");
        if (Residual) Contradiction(problems, "residual");
        if (Layers != built.Layers) Contradiction(problems, "layers");
        if (Width != built.Width) Contradiction(problems, "width");
        if (Heads is not null) Contradiction(problems, "heads");
        if (Name is "bert" or "mlp" or "linear") Contradiction(problems, "name");
    }

    private static void Contradiction(Problems problems, string option)
        => problems.Add($"model.{option}", "contradicts model.path (--model): the earlier model's network is kept. Remove one of the two.");
}
