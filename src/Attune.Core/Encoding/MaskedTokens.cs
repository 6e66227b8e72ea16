using Attune.Randomness;

namespace Attune.Encoding;

/// <summary>
/// Token sequences of which some tokens are hidden and to be guessed (Devlin et al. 2019, arXiv:1810.04805, section 3.1): a share of the words of a sequence, at least one, is chosen; of these
/// 80 % become the mask token, 10 % another word, 10 % stay. Special tokens are neither chosen nor put in. Each view has other masks, which follow from seed, view and sequence alone. The
/// number of chosen tokens of a sequence is the same in every view: round(share · words), as BERT's makers have it, where transformers' collator draws it as well.
/// </summary>
public sealed class MaskedTokens : TokenSource
{
    private const float AsMask = 0.8f, AsOther = 0.9f;

    private readonly TokenSequences _plain;
    private readonly MaskingRule _rule;
    private readonly ViewMemory<Draw> _draws;

    private sealed record Draw(int[] Positions, int[] Ids);

    /// <summary>Masks over sequences.</summary>
    /// <param name="plain">The sequences, of rows of one.</param>
    /// <param name="rule">What is masked, and with what.</param>
    public MaskedTokens(TokenSequences plain, MaskingRule rule) : base(plain.Rows, 1, plain.Padding)
    {
        if (plain.PerRow != 1) throw new ArgumentException($"Rows of {plain.PerRow} sequences cannot be masked.", nameof(plain));
        (_plain, _rule, _draws) = (plain, rule, new ViewMemory<Draw>(Make));
    }

    /// <inheritdoc/>
    public override bool IsAugmented => true;

    /// <inheritdoc/>
    public override bool SelectsTokens => true;

    /// <inheritdoc/>
    public override int LengthOf(int sequence, int view) => _plain.LengthOf(sequence, view);

    /// <inheritdoc/>
    public override void ReadIds(int sequence, int view, Span<long> ids)
    {
        _plain.ReadIds(sequence, view, ids);
        var draw = _draws[sequence, view];
        for (var i = 0; i < draw.Positions.Length; i++) ids[draw.Positions[i]] = draw.Ids[i];
    }

    /// <inheritdoc/>
    public override void ReadTypes(int sequence, int view, Span<long> types) => _plain.ReadTypes(sequence, view, types);

    /// <inheritdoc/>
    public override ReadOnlySpan<int> Selected(int sequence, int view) => _draws[sequence, view].Positions;

    /// <summary>The word that was hidden.</summary>
    /// <param name="sequence">0 to S − 1.</param>
    /// <param name="chosen">Which of the chosen tokens, in order.</param>
    /// <param name="view">The view.</param>
    public int Hidden(int sequence, int chosen, int view) => _plain.Ids(sequence)[_draws[sequence, view].Positions[chosen]];

    /// <summary>How often each word stands in the sequences; special tokens count 0.</summary>
    /// <param name="vocabulary">Words V.</param>
    public long[] CountWords(int vocabulary)
    {
        var counts = new long[vocabulary];
        for (var sequence = 0; sequence < Rows; sequence++)
        {
            foreach (var id in _plain.Ids(sequence))
            {
                if (!_rule.IsSpecial(id)) counts[id]++;
            }
        }
        return counts;
    }

    private Draw Make(int sequence, int view)
    {
        var ids = _plain.Ids(sequence);
        var words = new int[ids.Length];
        var count = 0;
        for (var i = 0; i < ids.Length; i++)
        {
            if (!_rule.IsSpecial(ids[i])) words[count++] = i;
        }
        var chosen = _rule.CountOf(count);
        var stream = new Philox(_rule.Seed, "masked tokens", view, sequence);
        for (var i = 0; i < chosen; i++)
        {
            var other = i + (int)stream.Below((ulong)i, count - i);
            (words[i], words[other]) = (words[other], words[i]);
        }
        var positions = words[..chosen];
        Array.Sort(positions);
        var fate = new Philox(_rule.Seed, "fate of masked tokens", view, sequence);
        int[] made = [.. positions.Select((position, i) =>
        {
            var u = fate.Uniform((ulong)i);
            return u < AsMask ? _rule.MaskId : u < AsOther ? _rule.Words[(int)stream.Below((ulong)(chosen + i), _rule.Words.Count)] : _plain.Ids(sequence)[position];
        })];
        return new Draw(positions, made);
    }
}
