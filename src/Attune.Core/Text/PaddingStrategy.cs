namespace Attune.Text;

/// <summary>To which length rows are padded.</summary>
public enum PaddingStrategy
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>To the longest row of the batch.</summary>
    Longest,

    /// <summary>To <see cref="EncodeOptions.PadToLength"/>; longer rows stay as long as they are.</summary>
    Fixed,
}
