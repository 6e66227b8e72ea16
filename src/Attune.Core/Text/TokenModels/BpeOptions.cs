namespace Attune.Text.TokenModels;

/// <summary>Settings of a byte-pair model.</summary>
internal sealed record BpeOptions
{
    /// <summary>Token for characters that are not in the vocabulary; null: they vanish.</summary>
    public string? UnknownToken { get; init; }

    /// <summary>Written before each character but a word's first.</summary>
    public string? ContinuingPrefix { get; init; }

    /// <summary>Written after a word's last character.</summary>
    public string? EndOfWordSuffix { get; init; }

    /// <summary>Whether unknown characters in a row are one token.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>Whether an unknown character becomes tokens of its bytes (<c>&lt;0xE2&gt;</c>).</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Whether a word that stands in the vocabulary is that token, whatever its merges.</summary>
    public bool IgnoreMerges { get; init; }
}
