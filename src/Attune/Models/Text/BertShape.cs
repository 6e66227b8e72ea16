using Attune.Graphs;

namespace Attune.Models.Text;

/// <summary>Sizes of a <see cref="Bert"/>.</summary>
public sealed record BertShape : TextShape
{
    /// <summary>Whose names.</summary>
    public BertNaming Naming { get; init; }

    /// <summary>Upstream's <c>model_type</c>.</summary>
    public string ModelType { get; init; } = "bert";

    /// <summary>Width E of the embeddings; D but for ELECTRA.</summary>
    public int EmbeddingWidth { get; init; }

    /// <inheritdoc/>
    public override string Family => ModelType;

    /// <inheritdoc/>
    public override string ClassName => ModelType switch { "roberta" => "Roberta", "xlm-roberta" => "XLMRoberta", "camembert" => "Camembert", "electra" => "Electra", _ => "Bert" };

    /// <inheritdoc/>
    public override string Prefix => Naming switch { BertNaming.Roberta => "roberta.", BertNaming.Electra => "electra.", _ => "bert." };

    /// <inheritdoc/>
    public override string Words => "embeddings.word_embeddings.weight";

    /// <inheritdoc/>
    public override int MaxTokens => CountsFromPadding ? Math.Max(1, MaxPositions - (PadId ?? 1) - 1) : MaxPositions;

    /// <summary>Positions count from the padding's id on.</summary>
    public bool CountsFromPadding => Naming == BertNaming.Roberta;

    internal override string? PoolerLayer => Naming == BertNaming.Electra ? null : "pooler.dense";

    internal override Value Encode(TextLayers n, string prefix) => Bert.Encode(n, this, prefix);

    internal override Value Pool(TextLayers n, Value x, string prefix) => Bert.Pool(n, x, this, prefix);

    internal override Value Head(TextLayers n, Value x, TextHead head, int outputs) => Bert.Head(n, x, this, head, outputs);
}
