namespace Attune.Text;

/// <summary>Which text of a pair gives tokens up when both together are too long.</summary>
public enum TruncationStrategy
{
    /// <summary>The longer one first, until both are equally long, then both.</summary>
    LongestFirst,

    /// <summary>The first text only; an error when that is not enough.</summary>
    OnlyFirst,

    /// <summary>The second text only; an error when that is not enough or there is none.</summary>
    OnlySecond,
}
