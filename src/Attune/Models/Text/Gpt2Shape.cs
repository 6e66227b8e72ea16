using Attune.Graphs;

namespace Attune.Models.Text;

/// <summary>Sizes of a <see cref="Gpt2"/>.</summary>
public sealed record Gpt2Shape : TextShape
{
    /// <summary>Dropout of the embeddings.</summary>
    public double EmbeddingDropout { get; init; }

    /// <summary>Scores of layer i are divided by i + 1, too.</summary>
    public bool ScalesByLayer { get; init; }

    /// <inheritdoc/>
    public override string Family => "gpt2";

    /// <inheritdoc/>
    public override string ClassName => "GPT2";

    /// <inheritdoc/>
    public override string Prefix => "transformer.";

    /// <inheritdoc/>
    public override string Words => "wte.weight";

    /// <inheritdoc/>
    public override bool IsDecoder => true;

    /// <inheritdoc/>
    public override IReadOnlyList<TextHead> KnownHeads { get; } = Decoders.Heads;

    /// <inheritdoc/>
    public override string Architecture(TextHead head) => head == TextHead.CausalLanguageModel ? "GPT2LMHeadModel" : base.Architecture(head);

    internal override Value Encode(TextLayers n, string prefix) => Gpt2.Encode(n, this, prefix);

    internal override Value Head(TextLayers n, Value x, TextHead head, int outputs) => Decoders.Head(n, x, this, head, outputs, "classifier");
}
