using Attune.Graphs;

namespace Attune.Models.Text;

/// <summary>Sizes of a <see cref="Llama"/>.</summary>
public sealed record LlamaShape : TextShape
{
    /// <summary>Whose network: <c>llama</c>, <c>qwen2</c> or <c>qwen3</c>.</summary>
    public string ModelType { get; init; } = "llama";

    /// <summary>Heads M of keys and values; N is a multiple.</summary>
    public int KeyHeads { get; init; }

    /// <summary>Width d of a head, even.</summary>
    public int HeadWidth { get; init; }

    /// <summary>Layers of query, key and value have a bias.</summary>
    public bool QueryBias { get; init; }

    /// <summary>Attention's last layer has a bias.</summary>
    public bool OutputBias { get; init; }

    /// <summary>The MLP's layers have a bias.</summary>
    public bool MlpBias { get; init; }

    /// <summary>θ of the rotation.</summary>
    public double RotaryBase { get; init; } = 10000;

    /// <summary>How the rotation is stretched.</summary>
    internal RotaryScaling Scaling { get; init; } = new("default");

    /// <inheritdoc/>
    public override string Family => ModelType;

    /// <inheritdoc/>
    public override string ClassName => ModelType switch { "qwen2" => "Qwen2", "qwen3" => "Qwen3", _ => "Llama" };

    /// <inheritdoc/>
    public override string Prefix => "model.";

    /// <inheritdoc/>
    public override string Words => "embed_tokens.weight";

    /// <inheritdoc/>
    public override bool IsDecoder => true;

    /// <inheritdoc/>
    public override IReadOnlyList<TextHead> KnownHeads { get; } = Decoders.Heads;

    internal override Value Encode(TextLayers n, string prefix) => Llama.Encode(n, this, prefix);

    internal override Value Head(TextLayers n, Value x, TextHead head, int outputs) => Decoders.Head(n, x, this, head, outputs, "score");
}
