using Attune.Graphs;

namespace Attune.Models.Text;

/// <summary>Sizes of an <see cref="Mpnet"/>.</summary>
public sealed record MpnetShape : TextShape
{
    /// <summary>Buckets of distances. Default 32.</summary>
    public int Buckets { get; init; } = 32;

    /// <inheritdoc/>
    public override string Family => "mpnet";

    /// <inheritdoc/>
    public override string ClassName => "MPNet";

    /// <inheritdoc/>
    public override string Prefix => "mpnet.";

    /// <inheritdoc/>
    public override string Words => "embeddings.word_embeddings.weight";

    /// <inheritdoc/>
    public override int MaxTokens => Math.Max(1, MaxPositions - (PadId ?? 1) - 1);

    internal override string? PoolerLayer => "pooler.dense";

    internal override Value Encode(TextLayers n, string prefix) => Mpnet.Encode(n, this, prefix);

    internal override Value Pool(TextLayers n, Value x, string prefix) => n.Graph.Tanh(n.Dense(n.First(x), $"{prefix}pooler.dense", Width, Width));

    internal override Value Head(TextLayers n, Value x, TextHead head, int outputs) => Mpnet.Head(n, x, this, head, outputs);
}
