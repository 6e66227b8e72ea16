using Attune.Randomness;
using Attune.Splitting;

namespace Attune.Tests.Splitting;

public sealed class FoldsTests
{
    private static readonly int[] Classes = [.. Enumerable.Range(0, 103).Select(i => i % 7 == 0 ? 2 : i % 3 == 0 ? 1 : 0)];

    [Fact]
    public void Every_row_is_tested_once_in_every_repetition()
    {
        foreach (var draw in new Func<Philox, IReadOnlyList<int[]>>[] { order => Folds.Plain(103, 5, order), order => Folds.Stratified(Classes, 5, order) })
        {
            var all = Folds.Repeated(3, 7, draw);
            Assert.All(all, folds => Assert.Equal(Enumerable.Range(0, 103), folds.SelectMany(f => f).Order()));
            Assert.All(all, folds => Assert.All(folds, f => Assert.InRange(f.Length, 20, 22)));
            Assert.NotEqual(all[0][0], all[1][0]);
            Assert.Equal(all[2], Folds.Repeated(3, 7, draw)[2]);
            Assert.NotEqual(all[0], Folds.Repeated(3, 8, draw)[0]);
        }
    }

    [Fact]
    public void Classes_keep_their_shares()
    {
        var folds = Folds.Stratified(Classes, 5, new Philox(1, "folds"));
        foreach (var c in (int[])[0, 1, 2]) Assert.InRange(folds.Max(f => f.Count(r => Classes[r] == c)) - folds.Min(f => f.Count(r => Classes[r] == c)), 0, 1);
    }

    [Fact]
    public void Groups_stay_in_one_fold()
    {
        int[] groups = [.. Enumerable.Range(0, 500).Select(i => i * i % 83)];
        var folds = Folds.Grouped(groups, 4);
        Assert.Equal(500, folds.Sum(f => f.Length));
        Assert.Equal(groups.Distinct().Count(), folds.Sum(f => f.Select(r => groups[r]).Distinct().Count()));
        Assert.InRange(folds.Max(f => f.Length) - folds.Min(f => f.Length), 0, 12);
    }

    [Fact]
    public void Impossible_numbers_are_refused_with_the_number()
    {
        Assert.Contains("got 1", Assert.Throws<OptionsException>(() => Folds.Plain(10, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("11 folds", Assert.Throws<OptionsException>(() => Folds.Plain(10, 11)).Message, StringComparison.Ordinal);
        Assert.Contains("4 rows of the largest class", Assert.Throws<OptionsException>(() => Folds.Stratified([0, 0, 0, 0, 1], 5)).Message, StringComparison.Ordinal);
        Assert.Contains("2 groups", Assert.Throws<OptionsException>(() => Folds.Grouped([3, 3, 9], 3)).Message, StringComparison.Ordinal);
        Assert.Throws<OptionsException>(() => Folds.Repeated(0, 1, order => Folds.Plain(4, 2, order)));
    }
}
