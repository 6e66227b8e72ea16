using Attune.Encoding;
using Attune.Runs;
using CsCheck;

namespace Attune.Tests.Runs;

public sealed class ContrastivePairsTests
{
    [Fact]
    public void Every_text_has_partners_of_both_kinds_but_never_itself()
        => Gen.Select(Gen.Int[0, 3].Array[2, 40], Gen.Int[1, 6], Gen.ULong).Sample((labels, each, seed) =>
        {
            var pairs = ContrastivePairs.Draw(labels, each, seed);
            Assert.All(pairs, p => Assert.True(p.First != p.Second && (labels[p.First] == labels[p.Second]) == p.IsSame));
            for (var row = 0; row < labels.Length; row++)
            {
                var own = labels.Count(l => l == labels[row]);
                Assert.Equal(own > 1 ? each : 0, pairs.Count(p => p.First == row && p.IsSame));
                Assert.Equal(own < labels.Length ? each : 0, pairs.Count(p => p.First == row && !p.IsSame));
            }
            Assert.Equal(pairs, ContrastivePairs.Draw(labels, each, seed));
        }, iter: 200);

    [Fact]
    public void Partners_are_drawn_evenly_and_by_the_seed()
    {
        int[] labels = [0, 1, 0, 2, 1, 0];
        var pairs = ContrastivePairs.Draw(labels, 3000, 5);
        foreach (var (row, same, partners) in new[] { (0, true, new[] { 2, 5 }), (0, false, [1, 3, 4]), (3, false, [0, 1, 2, 4, 5]), (4, true, [1]) })
        {
            var met = pairs.Where(p => p.First == row && p.IsSame == same).GroupBy(p => p.Second).ToDictionary(g => g.Key, g => g.Count());
            Assert.Equal(partners, met.Keys.Order());
            Assert.All(met.Values, n => Assert.InRange(n, 0.9 * 3000 / partners.Length, 1.1 * 3000 / partners.Length));
        }
        Assert.NotEqual(ContrastivePairs.Draw(labels, 3, 5), ContrastivePairs.Draw(labels, 3, 6));
    }

    [Fact]
    public void Rows_of_pairs_hold_the_tokens_of_their_texts()
    {
        var source = new TokenSequences(1, [7, 8, 9, 4, 5], null, [0, 2, 3, 5], new TokenPadding(0, 16));
        var texts = new EncodedSet(3, [new TokenInput("ids", TokenField.Ids, source), new TokenInput("mask", TokenField.Mask, source)]);
        var pairs = ContrastivePairs.Of(texts, [(2, 0, true), (1, 2, false)]);
        Assert.Equal((2, 4), (pairs.Rows, pairs.Units));
        Assert.Equal([1, 1, 0, 0], pairs.Targets!.Values!);
        var ids = (TokenInput)pairs.Inputs[0];
        Assert.Equal([4L, 8], ids.ShapeOf([0, 1], -1));
        var values = new long[32];
        ids.Read([0, 1], -1, values);
        Assert.Equal([4, 5, 0, 0, 0, 0, 0, 0, 7, 8, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 4, 5, 0, 0, 0, 0, 0, 0], values);
        Assert.Same(ids.Source, ((TokenInput)pairs.Inputs[1]).Source);   // one source, so that it is read once a pass
    }
}
