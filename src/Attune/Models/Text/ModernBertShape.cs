using Attune.Graphs;

namespace Attune.Models.Text;

/// <summary>Sizes of a <see cref="ModernBert"/>.</summary>
public sealed record ModernBertShape : TextShape
{
    /// <summary>Every so many layers one sees all tokens, from the first on. Default 3.</summary>
    public int GlobalEvery { get; init; } = 3;

    /// <summary>Tokens that the other layers see, half on each side. Default 128.</summary>
    public int Window { get; init; } = 128;

    /// <summary>θ of the rotation in layers that see all.</summary>
    public double GlobalBase { get; init; } = 160000;

    /// <summary>θ of the rotation in the others.</summary>
    public double LocalBase { get; init; } = 10000;

    /// <summary>Dropout of the embeddings.</summary>
    public double EmbeddingDropout { get; init; }

    /// <summary>Dropout inside the feed-forward layers.</summary>
    public double MlpDropout { get; init; }

    /// <summary>Norms have a bias.</summary>
    public bool NormBias { get; init; }

    /// <summary>Attention's layers have a bias.</summary>
    public bool AttentionBias { get; init; }

    /// <summary>Feed-forward layers have a bias.</summary>
    public bool MlpBias { get; init; }

    /// <summary>The head's dense layer has a bias.</summary>
    public bool ClassifierBias { get; init; }

    /// <summary>Scores of words have a bias.</summary>
    public bool DecoderBias { get; init; } = true;

    /// <summary>The head's activation.</summary>
    public string ClassifierActivation { get; init; } = "gelu";

    /// <summary>The classifier sees the mean of the tokens instead of the first.</summary>
    public bool PoolsMean { get; init; }

    /// <inheritdoc/>
    public override string Family => "modernbert";

    /// <inheritdoc/>
    public override string ClassName => "ModernBert";

    /// <inheritdoc/>
    public override string Prefix => "model.";

    /// <inheritdoc/>
    public override string Words => "embeddings.tok_embeddings.weight";

    internal override Value Encode(TextLayers n, string prefix) => ModernBert.Encode(n, this, prefix);

    internal override Value Head(TextLayers n, Value x, TextHead head, int outputs) => ModernBert.Head(n, x, this, head, outputs);
}
