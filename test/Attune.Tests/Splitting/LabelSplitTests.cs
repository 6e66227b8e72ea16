using Attune.Data;
using Attune.Randomness;
using Attune.Splitting;

namespace Attune.Tests.Splitting;

public sealed class LabelSplitTests
{
    private static readonly string[] Names = ["often", "half", "rare", "single"];

    [Fact]
    public void Every_label_keeps_its_share_and_the_parts_their_sizes()
    {
        var table = Table(1000);
        var splits = Splitter.Split(table, new SplitRequest { Seed = 3 }, SplitTarget.LabelColumns(Names));
        Assert.Equal((640, 160, 200), (splits.TrainRows.Count, splits.ValidationRows.Count, splits.TestRows.Count));
        Assert.Equal(Enumerable.Range(0, 1000), splits.TrainRows.Concat(splits.ValidationRows).Concat(splits.TestRows).Order());
        Assert.Equal("stratified by label", splits.Report.Method);
        foreach (var name in Names[..3])
        {
            var counts = splits.Report.Classes![name];
            Assert.InRange(counts[0], 0.64 * counts.Sum() - 1.5, 0.64 * counts.Sum() + 1.5);
            Assert.InRange(counts[2], 0.2 * counts.Sum() - 1.5, 0.2 * counts.Sum() + 1.5);
        }
        Assert.Equal([1, 0, 0], splits.Report.Classes!["single"]);   // a label with one row is learned
        Assert.Contains(splits.Report.Notices, n => n.Contains("No test row has the label 'single'", StringComparison.Ordinal));
    }

    [Fact]
    public void Joined_labels_are_dealt_like_columns()
    {
        var table = Table(1000);
        var joined = new Table("joined", 1000, [table["x"], Join(table)]);
        var splits = Splitter.Split(joined, new SplitRequest { Seed = 3 }, SplitTarget.JoinedLabels("tags", ";"));
        Assert.Equal(Names.Order(StringComparer.Ordinal), splits.Report.Classes!.Keys);
        Assert.Equal((640, 160, 200), (splits.TrainRows.Count, splits.ValidationRows.Count, splits.TestRows.Count));
        Assert.Equal(0, splits.Report.MissingTargets);   // rows without labels are rows
    }

    [Fact]
    public void The_same_seed_gives_the_same_split_another_another_and_edited_features_change_nothing()
    {
        var table = Table(300);
        int[] Test(ulong seed, Table rows) => [.. Splitter.Split(rows, new SplitRequest { Seed = seed }, SplitTarget.LabelColumns(Names)).TestRows];
        var edited = new Table("t", 300, [new NumericColumn("x", [.. Enumerable.Range(0, 300).Select(i => 5000.0 + 3 * i)]), .. table.Columns.Skip(1)]);
        Assert.Equal(Test(1, table), Test(1, table));
        Assert.NotEqual(Test(1, table), Test(2, table));
        Assert.Equal(Test(1, table), Test(1, edited));
    }

    [Fact]
    public void Trap_28_copies_of_a_row_stay_on_one_side()
    {
        var rows = Enumerable.Range(0, 400).Select(i => i / 4).ToArray();
        var splits = Splitter.Split(Table(100).Select(rows), new SplitRequest(), SplitTarget.LabelColumns(Names));
        Assert.Equal(300, splits.Report.CopiesKeptTogether);
        Assert.Empty(splits.TestRows.Select(r => rows[r]).Intersect(splits.TrainRows.Concat(splits.ValidationRows).Select(r => rows[r])));
        Assert.Equal((256, 64, 80), (splits.TrainRows.Count, splits.ValidationRows.Count, splits.TestRows.Count));
    }

    [Fact]
    public void Rows_known_to_an_earlier_model_never_enter_the_test_split()
    {
        var table = Table(300);
        var earlier = Splitter.Split(table, new SplitRequest { Seed = 1 }, SplitTarget.LabelColumns(Names));
        var later = Splitter.Split(table, new SplitRequest { Seed = 2, KnownRows = earlier.KnownRows.ToHashSet() }, SplitTarget.LabelColumns(Names));
        Assert.Empty(later.TestRows.Except(earlier.TestRows));
        Assert.Equal(240, later.Report.KeptOutOfTest);
        Assert.NotEmpty(later.TestRows);
    }

    [Fact]
    public void A_label_that_only_a_given_test_file_has_is_refused_with_its_line()
    {
        using var folder = TestFiles.Folder();
        var options = new TableReadOptions { Kinds = new Dictionary<string, ColumnKind> { ["tags"] = ColumnKind.Category } };
        var data = TableReader.Read(folder.Write("data.csv", "x,tags\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"{i},{(i % 2 == 0 ? "cat" : "cat;dog")}\n"))), options);
        var test = TableReader.Read(folder.Write("test.csv", "x,tags\n1,cat\n2,cow;cat\n"), options);
        var error = Assert.Throws<DataFormatException>(() => Splitter.Split(data, new SplitRequest { TestTable = test, FeatureColumns = ["x"] }, SplitTarget.JoinedLabels("tags", ";")));
        Assert.Contains("test.csv, line 3, column 'tags': The label 'cow'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_label_of_every_row_is_said()
    {
        var table = Table(100);
        var all = new Table("t", 100, [.. table.Columns, new NumericColumn("always", [.. Enumerable.Repeat(1.0, 100)])]);
        Assert.Contains(Splitter.Split(all, new SplitRequest { FeatureColumns = ["x"] }, SplitTarget.LabelColumns(["often", "always"])).Report.Notices,
            n => n.Contains("Every training row has the label 'always'", StringComparison.Ordinal));
    }

    /// <summary>x and labels of about 80 %, 50 %, 2 % and one row.</summary>
    private static Table Table(int rows)
    {
        var random = new Philox(4, "labels");
        double[] Label(int at, Func<int, double, bool> has) => [.. Enumerable.Range(0, rows).Select(i => has(i, random.Uniform((ulong)(4 * i + at))) ? 1.0 : 0)];
        return new Table("t", rows,
        [
            new NumericColumn("x", [.. Enumerable.Range(0, rows).Select(i => (double)i)]),
            new NumericColumn("often", Label(0, (_, p) => p < 0.8)),
            new NumericColumn("half", Label(1, (_, p) => p < 0.5)),
            new NumericColumn("rare", Label(2, (i, p) => p < 0.02 || i == 3)),
            new NumericColumn("single", Label(3, (i, _) => i == 17)),
        ]);
    }

    private static TextColumn Join(Table table)
    {
        var words = Enumerable.Range(0, table.Rows).Select(row => string.Join(';', Names.Where(n => ((NumericColumn)table[n]).Values[row] == 1))).ToArray();
        return new TextColumn("tags", [.. words.Select((w, i) => w.Length == 0 ? -1 : i)], words);
    }
}
