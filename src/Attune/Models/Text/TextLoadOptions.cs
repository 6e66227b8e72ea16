namespace Attune.Models.Text;

/// <summary>What is put on top of a text checkpoint, and what its files cannot tell.</summary>
public sealed record TextLoadOptions
{
    /// <summary>The head. Default none.</summary>
    public TextHead Head { get; init; }

    /// <summary>Outputs K of a classification head; default the checkpoint's labels. A head of another size starts afresh.</summary>
    public int? Outputs { get; init; }

    /// <summary>Starts the head afresh though the checkpoint has one of this size: for other labels. Default false.</summary>
    public bool FreshHead { get; init; }

    /// <summary>
    /// Gives a head for tokens an input <c>selected</c>, int64 [U]: the places s · T + t of the tokens that get an output, <c>logits</c> [U, K]; the head sees no other token.
    /// Default false: every token has one.
    /// </summary>
    public bool SelectsTokens { get; init; }

    /// <summary>Adds the input <c>position_ids</c>, int64 [B, T], for decoders that are padded on the left. Default false: positions are 0 to T − 1.</summary>
    public bool TakesPositions { get; init; }

    /// <summary>Pooling of an embedding; default from the folder's <c>modules.json</c>, else the mean over tokens.</summary>
    public IReadOnlyList<PoolingMode>? Pooling { get; init; }

    /// <summary>Divides embeddings by their Euclidean norm; default as <c>modules.json</c> says, else not.</summary>
    public bool? Normalize { get; init; }

    /// <summary>Probability of all Dropout nodes in place of the configuration's own; null (default) keeps those.</summary>
    public double? Dropout { get; init; }

    /// <summary>Settings of <c>config.json</c> that are unknown here and may be passed over. Default none: unknown settings are refused.</summary>
    public IReadOnlyList<string> IgnoredSettings { get; init; } = [];

    /// <summary>Seed of what starts afresh. Default 0.</summary>
    public ulong Seed { get; init; }
}
