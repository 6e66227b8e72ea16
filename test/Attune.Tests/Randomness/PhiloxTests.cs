using Attune.Randomness;

namespace Attune.Tests.Randomness;

public sealed class PhiloxTests
{
    [Fact]
    public void Streams_of_different_names_steps_and_seeds_differ_and_repeat()
    {
        var first = new Philox(7, "dropout", 3, 1);
        Assert.Equal(first.Block(5), new Philox(7, "dropout", 3, 1).Block(5));
        Assert.NotEqual(first.Block(5), new Philox(7, "dropout", 4, 1).Block(5));
        Assert.NotEqual(first.Block(5), new Philox(7, "dropout", 3, 2).Block(5));
        Assert.NotEqual(first.Block(5), new Philox(7, "dropout_2", 3, 1).Block(5));
        Assert.NotEqual(first.Block(5), new Philox(8, "dropout", 3, 1).Block(5));
    }

    [Fact]
    public void Shuffle_is_a_permutation_and_uniform_in_the_first_place()
    {
        var counts = new int[10];
        for (var seed = 0UL; seed < 5000; seed++)
        {
            int[] items = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
            new Philox(seed, "shuffle").Shuffle(items);
            counts[items[0]]++;
            Assert.Equal(45, items.Sum());
            Assert.Equal(10, items.Distinct().Count());
        }
        Assert.All(counts, c => Assert.InRange(c, 400, 600));
    }

    [Fact]
    public void Normal_numbers_have_mean_0_and_variance_1()
    {
        var stream = new Philox(1, "normal");
        var values = Enumerable.Range(0, 100_000).Select(i => stream.Normal((ulong)i)).ToArray();
        Assert.Equal(0, values.Average(), 0.02);
        Assert.Equal(1, values.Average(v => v * v), 0.02);
    }

    [Fact]
    public unsafe void Kept_elements_are_those_whose_number_is_not_below_the_probability()
    {
        var stream = new Philox(3, "dropout", 5, 2);
        var kept = new float[150];
        foreach (var first in (ulong[])[0, 1, 6, 64])
        {
            fixed (float* destination = kept) new Philox(3, Philox.Stream("dropout"), 5, 2).Keep(first, kept.Length, 0.4f, 2, destination);
            for (var i = 0; i < kept.Length; i++) Assert.Equal(stream.Uniform(first + (ulong)i) < 0.4f ? 0 : 2, kept[i]);
        }
    }
}
