using Attune.Data;

namespace Attune.Tests.Data;

public sealed class RowHashesTests
{
    [Fact]
    public void Hashes_are_the_same_for_ever()
    {
        var table = new Table("t", 2,
        [
            new NumericColumn("n", [5, double.NaN]),
            new TextColumn("w", [0, -1], ["Oslo"]),
            new DateColumn("d", [86_400_000, DateColumn.Missing]),
        ]);
        Assert.Equal([242454633163234225, 4502918815110448071], RowHashes.Of(table, ["n", "w", "d"]));
    }

    [Fact]
    public void Names_values_and_gaps_count_and_order_and_spelling_of_numbers_do_not()
    {
        static ulong One(params Column[] columns) => RowHashes.Of(new Table("t", 1, columns), columns.Select(c => c.Name))[0];
        var a = One(new NumericColumn("a", [1]), new NumericColumn("b", [2]));
        Assert.Equal(a, One(new NumericColumn("b", [2]), new NumericColumn("a", [1])));
        Assert.NotEqual(a, One(new NumericColumn("a", [2]), new NumericColumn("b", [1])));
        Assert.NotEqual(a, One(new NumericColumn("a", [1]), new NumericColumn("b", [double.NaN])));
        Assert.Equal(a, One(new TextColumn("a", [0], ["1.0"]), new TextColumn("b", [0], ["2"])));
        Assert.Equal(One(new NumericColumn("a", [0.0])), One(new NumericColumn("a", [-0.0])));
        Assert.NotEqual(One(new TextColumn("a", [0], ["x"])), One(new TextColumn("a", [0], ["X"])));
    }

    [Fact]
    public void Near_hashes_round_to_three_digits_and_fold_words()
    {
        static ulong Near(double number, string word) => RowHashes.Near(new Table("t", 1, [new NumericColumn("n", [number]), new TextColumn("w", [0], [word])]), ["n", "w"])[0];
        foreach (var (x, y) in (ReadOnlySpan<(double, double)>)[(123.4, 123), (0.0012344, 0.001234), (-99950, -100000), (1e-20, 1.0004e-20), (9.996, 10), (1000, 1001), (0.1, 0.10000000149011612)])
            Assert.Equal(Near(x, "New  York"), Near(y, " new york"));
        Assert.NotEqual(Near(123, "a"), Near(124, "a"));
        Assert.NotEqual(Near(1.23, "a"), Near(1.23, "b"));
    }

    [Fact]
    public void Saved_hashes_load_again_and_a_damaged_file_is_refused()
    {
        using var folder = TestFiles.Folder();
        var path = Path.Combine(folder.Path, "rows.bin");
        RowHashes.Save(path, [3, 1, 2, 3]);
        Assert.Equal([1UL, 2UL, 3UL], RowHashes.Load(path).Order());
        Assert.Throws<DataFormatException>(() => RowHashes.Load(folder.Write("x.bin", "ATTRH001abc")));
        Assert.Throws<DataFormatException>(() => RowHashes.Load(folder.Write("y.bin", "nothing!")));
    }
}
