namespace Attune.Encoding;

/// <summary>Which tokens of a sequence are hidden, and what stands in their place.</summary>
public sealed class MaskingRule
{
    private readonly HashSet<int> _special;

    /// <summary>A rule.</summary>
    /// <param name="maskId">Id of the mask token.</param>
    /// <param name="special">Ids that are never chosen and never put in.</param>
    /// <param name="largestId">The largest id of the vocabulary.</param>
    /// <param name="share">Share of the words that are chosen, in (0, 1).</param>
    /// <param name="seed">Addresses all draws.</param>
    /// <exception cref="ArgumentException">Every id is special.</exception>
    public MaskingRule(int maskId, IEnumerable<int> special, int largestId, double share, ulong seed)
    {
        (MaskId, Share, Seed, _special) = (maskId, share, seed, [.. special, maskId]);
        Words = [.. Enumerable.Range(0, largestId + 1).Where(id => !_special.Contains(id))];
        if (Words.Count == 0) throw new ArgumentException("The vocabulary holds nothing but special tokens.", nameof(special));
    }

    /// <summary>Id of the mask token.</summary>
    public int MaskId { get; }

    /// <summary>Share of the words that are chosen.</summary>
    public double Share { get; }

    /// <summary>Addresses all draws.</summary>
    public ulong Seed { get; }

    /// <summary>Ids that may stand in another word's place.</summary>
    public IReadOnlyList<int> Words { get; }

    /// <summary>Whether a token is never chosen.</summary>
    public bool IsSpecial(int id) => _special.Contains(id);

    /// <summary>Chosen tokens of a sequence: round(share · words), at least one where there is a word.</summary>
    /// <param name="words">Tokens of the sequence that are not special.</param>
    public int CountOf(int words) => words == 0 ? 0 : Math.Max(1, (int)Math.Round(Share * words, MidpointRounding.ToEven));
}
