using Attune.Graphs;

namespace Attune.Models.Text;

/// <summary>Sizes of an <see cref="Albert"/>.</summary>
public sealed record AlbertShape : TextShape
{
    /// <summary>Width E of the embeddings.</summary>
    public int EmbeddingWidth { get; init; }

    /// <summary>Sets of layers with weights of their own; the layers are divided among them.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Layers of a set.</summary>
    public int InnerLayers { get; init; } = 1;

    /// <inheritdoc/>
    public override string Family => "albert";

    /// <inheritdoc/>
    public override string ClassName => "Albert";

    /// <inheritdoc/>
    public override string Prefix => "albert.";

    /// <inheritdoc/>
    public override string Words => "embeddings.word_embeddings.weight";

    internal override string? PoolerLayer => "pooler";

    internal override Value Encode(TextLayers n, string prefix) => Albert.Encode(n, this, prefix);

    internal override Value Pool(TextLayers n, Value x, string prefix) => Albert.Pool(n, x, this, prefix);

    internal override Value Head(TextLayers n, Value x, TextHead head, int outputs) => Albert.Head(n, x, this, head, outputs);
}
