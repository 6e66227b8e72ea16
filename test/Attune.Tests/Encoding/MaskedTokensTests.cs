using Attune.Encoding;

namespace Attune.Tests.Encoding;

/// <summary>Masks: which tokens are hidden, with what, and when they are others.</summary>
public sealed class MaskedTokensTests
{
    private const int Mask = 4, Vocabulary = 60;
    private static readonly int[] Lengths = [3, 12, 40, 2, 100, 7];   // special tokens included; the fourth has no word

    private static TokenSequences Plain()
    {
        var ids = new List<int>();
        long[] starts = [0, .. Lengths.Select((_, i) => (long)Lengths.Take(i + 1).Sum())];
        foreach (var length in Lengths)
        {
            ids.Add(2);
            for (var i = 0; i < length - 2; i++) ids.Add(5 + (i * 7 + length) % (Vocabulary - 5));
            ids.Add(3);
        }
        return new TokenSequences(1, [.. ids], null, starts, new TokenPadding(0, 128));
    }

    private static MaskingRule Rule(double share = 0.15, ulong seed = 1) => new(Mask, [0, 1, 2, 3], Vocabulary - 1, share, seed);

    private static MaskedTokens Masked(double share = 0.15, ulong seed = 1) => new(Plain(), Rule(share, seed));

    [Fact]
    public void A_share_of_the_words_is_chosen_at_least_one_and_never_a_special_token_or_padding()
    {
        var (plain, masked) = (Plain(), Masked());
        for (var view = -1; view < 30; view++)
        {
            for (var s = 0; s < Lengths.Length; s++)
            {
                var chosen = masked.Selected(s, view).ToArray();
                var words = Lengths[s] - 2;
                Assert.Equal(words == 0 ? 0 : Math.Max(1, (int)Math.Round(0.15 * words, MidpointRounding.ToEven)), chosen.Length);
                Assert.Equal(chosen.Distinct().Order(), chosen);
                Assert.All(chosen, position => Assert.InRange(position, 1, Lengths[s] - 2));
                var ids = new long[Lengths[s]];
                masked.ReadIds(s, view, ids);
                for (var t = 0; t < ids.Length; t++)
                {
                    if (!chosen.Contains(t)) Assert.Equal(plain.Ids(s)[t], ids[t]);
                    else Assert.True(ids[t] is Mask or >= 5 and < Vocabulary, $"{ids[t]} stands in a word's place");
                }
                for (var i = 0; i < chosen.Length; i++) Assert.Equal(plain.Ids(s)[chosen[i]], masked.Hidden(s, i, view));
            }
        }
        var read = new TokenInput("ids", TokenField.Ids, masked);
        var batch = new long[read.ShapeOf([0, 4], 3).Aggregate(1L, (a, b) => a * b)];
        read.Read([0, 4], 3, batch);
        Assert.All(batch[3..104], id => Assert.Equal(0, id));   // the shorter row's padding
    }

    [Fact]
    public void Four_of_five_become_the_mask_one_of_ten_another_word_and_one_of_ten_stays()
    {
        var masked = Masked(share: 0.5);
        var (mask, other, same, all) = (0, 0, 0, 0);
        var ids = new long[100];
        for (var view = 0; view < 400; view++)
        {
            masked.ReadIds(4, view, ids);
            var chosen = masked.Selected(4, view);
            for (var i = 0; i < chosen.Length; i++, all++)
            {
                if (ids[chosen[i]] == Mask) mask++;
                else if (ids[chosen[i]] == masked.Hidden(4, i, view)) same++;
                else other++;
            }
        }
        Assert.InRange((double)mask / all, 0.79, 0.81);
        Assert.InRange((double)same / all, 0.09, 0.115);   // another word may be the same by chance
        Assert.InRange((double)other / all, 0.09, 0.11);
    }

    [Fact]
    public void Each_view_has_masks_of_its_own_that_follow_from_seed_and_view_alone()
    {
        var (a, b) = (Masked(), Masked());
        string Of(MaskedTokens source, int view) => string.Join(' ', source.Selected(4, view).ToArray());
        Assert.Equal(20, Enumerable.Range(-1, 20).Select(view => Of(a, view)).Distinct().Count());
        foreach (var view in new[] { 7, -1, 3, 7 }) Assert.Equal(Of(a, view), Of(b, view));   // asked in another order
        Assert.NotEqual(Of(a, 0), Of(Masked(seed: 2), 0));
        Assert.NotEqual(Of(a, 0), string.Join(' ', a.Selected(2, 0).ToArray()));
        Assert.True(a.IsAugmented);
    }

    [Fact]
    public void Words_are_counted_without_special_tokens_and_a_vocabulary_of_those_alone_is_refused()
    {
        var counts = Masked().CountWords(Vocabulary);
        Assert.Equal(Lengths.Sum(l => l - 2), counts.Sum());
        Assert.All(counts[..5], count => Assert.Equal(0, count));
        Assert.Throws<ArgumentException>(() => new MaskingRule(4, [0, 1, 2, 3], 4, 0.15, 1));
    }
}
