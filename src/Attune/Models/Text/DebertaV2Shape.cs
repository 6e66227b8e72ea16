using Attune.Graphs;

namespace Attune.Models.Text;

/// <summary>Sizes of a <see cref="DebertaV2"/>.</summary>
public sealed record DebertaV2Shape : TextShape
{
    // Longer texts than the positions are allowed where these are relative; the table of distances ends here.
    private const int MostPlaces = 4096;

    /// <summary>Width E of the embeddings.</summary>
    public int EmbeddingWidth { get; init; }

    /// <summary>Scores depend on distances.</summary>
    public bool RelativeAttention { get; init; }

    /// <summary>The furthest distance with a bucket of its own.</summary>
    public int MaxDistance { get; init; }

    /// <summary>Buckets on each side; below 1 each distance has its own.</summary>
    public int Buckets { get; init; } = -1;

    /// <summary>Rows of distances on each side.</summary>
    public int Span => Buckets > 0 ? Buckets : MaxDistance;

    /// <summary>Embeddings of distances go through a norm.</summary>
    public bool NormalizesDistances { get; init; }

    /// <summary>Distances use the layers of query and key.</summary>
    public bool SharesKeys { get; init; }

    /// <summary>Scores of content to position.</summary>
    public bool ContentToPosition { get; init; }

    /// <summary>Scores of position to content.</summary>
    public bool PositionToContent { get; init; }

    /// <summary>Absolute positions are added to the words.</summary>
    public bool PositionBiasedInput { get; init; }

    /// <summary>Dropout in front of the pooler.</summary>
    public double PoolerDropout { get; init; }

    /// <summary>The pooler's activation.</summary>
    public string PoolerActivation { get; init; } = "gelu";

    /// <summary>The pooler's width.</summary>
    public int PoolerWidth { get; init; }

    /// <summary>Scores of words under BERT's names.</summary>
    public bool Legacy { get; init; } = true;

    /// <summary>Places that the table of distances reaches.</summary>
    internal int MaxPlaces => Math.Max(MaxPositions, Math.Min(MostPlaces, 8 * MaxPositions));

    /// <inheritdoc/>
    public override string Family => "deberta-v2";

    /// <inheritdoc/>
    public override string ClassName => "DebertaV2";

    /// <inheritdoc/>
    public override string Prefix => "deberta.";

    /// <inheritdoc/>
    public override string Words => "embeddings.word_embeddings.weight";

    internal override Value Encode(TextLayers n, string prefix) => DebertaV2.Encode(n, this, prefix);

    internal override Value Head(TextLayers n, Value x, TextHead head, int outputs) => DebertaV2.Head(n, x, this, head, outputs);
}
