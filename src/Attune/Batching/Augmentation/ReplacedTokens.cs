using Attune.Encoding;
using Attune.Randomness;

namespace Attune.Batching.Augmentation;

/// <summary>
/// Token sequences of which some words are replaced in each view but the plain one: by the mask token, or by what a language model guesses in their place (Wu et al. 2019, arXiv:1812.06705).
/// Which ones follows from seed, view and sequence alone; special tokens stay, and so does at least one word.
/// </summary>
public sealed class ReplacedTokens : TokenSource
{
    private readonly TokenSource _source;
    private readonly int _views;
    private readonly ViewMemory<(int[] Positions, int[] Ids)> _replaced;

    /// <summary>Sequences with replaced words.</summary>
    /// <param name="source">The sequences; may be augmented themselves.</param>
    /// <param name="rule">The mask token, and which share of the words is chosen.</param>
    /// <param name="guesses">The words guessed at the chosen places of (sequence, view), in order; null for the mask token.</param>
    /// <param name="views">Number of different views, used in turn, where guesses were made ahead; 0 for no limit.</param>
    public ReplacedTokens(TokenSource source, MaskingRule rule, Func<int, int, int[]>? guesses = null, int views = 0) : base(source.Rows, source.PerRow, source.Padding)
    {
        (_source, _views) = (source, views);
        _replaced = new((sequence, view) =>
        {
            var positions = PositionsOf(source, rule, sequence, view);
            return (positions, guesses?.Invoke(sequence, view) ?? [.. positions.Select(_ => rule.MaskId)]);
        });
    }

    /// <inheritdoc/>
    public override bool IsAugmented => true;

    /// <inheritdoc/>
    public override bool SelectsTokens => _source.SelectsTokens;

    /// <summary>Places of the words that are replaced, in order.</summary>
    /// <param name="source">The sequences.</param>
    /// <param name="rule">Which share.</param>
    /// <param name="sequence">A sequence.</param>
    /// <param name="view">Its view.</param>
    public static int[] PositionsOf(TokenSource source, MaskingRule rule, int sequence, int view)
    {
        var ids = new long[source.LengthOf(sequence, view)];
        source.ReadIds(sequence, view, ids);
        var (stream, chosen, words) = (new Philox(rule.Seed, "replaced tokens", view, sequence), new List<int>(), 0);
        for (var i = 0; i < ids.Length; i++)
        {
            if (rule.IsSpecial((int)ids[i])) continue;
            words++;
            if (stream.Uniform((ulong)i) < rule.Share) chosen.Add(i);
        }
        if (chosen.Count == words && words > 0) chosen.RemoveAt((int)(stream.Uniform((ulong)ids.Length) * words));
        return [.. chosen];
    }

    /// <inheritdoc/>
    public override int LengthOf(int sequence, int view) => _source.LengthOf(sequence, Of(view));

    /// <inheritdoc/>
    public override void ReadIds(int sequence, int view, Span<long> ids)
    {
        _source.ReadIds(sequence, Of(view), ids);
        if (view < 0) return;
        var (positions, words) = _replaced[sequence, Of(view)];
        for (var i = 0; i < positions.Length; i++) ids[positions[i]] = words[i];
    }

    /// <inheritdoc/>
    public override void ReadTypes(int sequence, int view, Span<long> types) => _source.ReadTypes(sequence, Of(view), types);

    /// <inheritdoc/>
    public override ReadOnlySpan<int> Selected(int sequence, int view) => _source.Selected(sequence, Of(view));

    private int Of(int view) => _views > 0 && view >= 0 ? view % _views : view;
}
