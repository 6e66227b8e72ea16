using Attune.Data;
using Attune.Splitting;

namespace Attune.Tests.Splitting;

public sealed class SplitterTests
{
    [Fact]
    public void Default_shares_are_64_16_20_and_rows_are_disjoint_and_complete()
    {
        var splits = Splitter.Split(Classes(1000), new SplitRequest(), "label", isClassification: true);
        Assert.Equal((640, 160, 200), (splits.TrainRows.Count, splits.ValidationRows.Count, splits.TestRows.Count));
        Assert.Equal(Enumerable.Range(0, 1000), splits.TrainRows.Concat(splits.ValidationRows).Concat(splits.TestRows).Order());
        Assert.Equal(splits.TrainRows, splits.Report.RowsOf(0));
        Assert.Equal(splits.TestRows, splits.Report.RowsOf(2));
    }

    [Fact]
    public void Same_seed_gives_the_same_split_and_another_seed_another()
    {
        var table = Classes(300);
        var first = Splitter.Split(table, new SplitRequest { Seed = 7 }, "label", isClassification: true);
        Assert.Equal(first.TestRows, Splitter.Split(table, new SplitRequest { Seed = 7 }, "label", isClassification: true).TestRows);
        Assert.NotEqual(first.TestRows, Splitter.Split(table, new SplitRequest { Seed = 8 }, "label", isClassification: true).TestRows);
    }

    [Fact]
    public void Classes_keep_their_shares_and_each_of_three_rows_or_more_is_learned()
    {
        var labels = Enumerable.Repeat("a", 800).Concat(Enumerable.Repeat("b", 197)).Concat(Enumerable.Repeat("c", 3)).ToArray();
        var report = Splitter.Split(Table(labels), new SplitRequest(), "label", isClassification: true).Report;
        Assert.Equal([512, 128, 160], report.Classes!["a"]);
        Assert.Equal(197, report.Classes["b"].Sum());
        Assert.True(report.Classes["c"][0] >= 1);
    }

    [Fact]
    public void Edited_test_rows_do_not_change_the_training_rows()
    {
        var table = Classes(300);
        var splits = Splitter.Split(table, new SplitRequest(), "label", isClassification: true);
        var values = (double[])((NumericColumn)table["x"]).Values.Clone();
        foreach (var row in splits.TestRows) values[row] += 1e6;
        var edited = Splitter.Split(new Table("edited", 300, [new NumericColumn("x", values), table["label"]]), new SplitRequest(), "label", isClassification: true);
        Assert.Equal(splits.TrainRows, edited.TrainRows);
        Assert.Equal(((NumericColumn)splits.Train.Rows["x"]).Values, ((NumericColumn)edited.Train.Rows["x"]).Values);
    }

    [Fact]
    public void Copies_of_a_row_stay_on_one_side()
    {
        var values = Enumerable.Range(0, 400).Select(i => (double)(i / 4)).ToArray();
        var labels = new TextColumn("label", [.. Enumerable.Range(0, 400).Select(i => i / 4 % 2)], ["a", "b"]);
        var splits = Splitter.Split(new Table("copies", 400, [new NumericColumn("x", values), labels]), new SplitRequest(), "label", isClassification: true);
        Assert.Equal(300, splits.Report.CopiesKeptTogether);
        Assert.Equal((0, 0), (splits.Report.ExactDuplicates.TrainTest, splits.Report.ExactDuplicates.TrainValidation));
        Assert.Empty(splits.TestRows.Select(r => values[r]).Intersect(splits.TrainRows.Concat(splits.ValidationRows).Select(r => values[r])));
    }

    [Fact]
    public void Planted_copies_and_near_copies_in_a_given_test_file_are_found()
    {
        var data = Classes(100);
        var x = ((NumericColumn)data["x"]).Values;
        var test = new Table("test.csv", 4, [new NumericColumn("x", [x[0], x[1], x[2] + 0.01, 777]), data["label"].Select([0, 1, 2, 3])]);
        var report = Splitter.Split(data, new SplitRequest { TestTable = test }, "label", isClassification: true).Report;
        Assert.Equal(2, report.ExactDuplicates.TrainTest);
        Assert.Equal(1, report.NearDuplicates.TrainTest);
        Assert.Contains(report.Notices, n => n.Contains("exact copies", StringComparison.Ordinal));
        Assert.Equal((80, 20, 4), (report.Train, report.Validation, report.Test));
    }

    [Fact]
    public void Rows_known_to_an_earlier_model_never_enter_the_test_split()
    {
        var table = Classes(300);
        var earlier = Splitter.Split(table, new SplitRequest { Seed = 1 }, "label", isClassification: true);
        var later = Splitter.Split(table, new SplitRequest { Seed = 2, KnownRows = earlier.KnownRows.ToHashSet() }, "label", isClassification: true);
        Assert.Empty(later.TestRows.Except(earlier.TestRows));
        Assert.Equal(240, later.Report.KeptOutOfTest);
        Assert.NotEmpty(later.TestRows);
        var all = new SplitRequest { KnownRows = RowHashes.Of(table, ["x", "label"]).ToHashSet() };
        var error = Assert.Throws<DataFormatException>(() => Splitter.Split(table, all, "label", isClassification: true));
        Assert.Contains("--test", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Regression_keeps_the_target_distribution()
    {
        var values = Enumerable.Range(0, 1000).Select(i => Math.Exp(i / 100.0)).ToArray();
        var table = new Table("r", 1000, [new NumericColumn("x", [.. values.Select(v => v * 2)]), new NumericColumn("y", values)]);
        var splits = Splitter.Split(table, new SplitRequest(), "y", isClassification: false);
        Assert.Equal((640, 160, 200), (splits.TrainRows.Count, splits.ValidationRows.Count, splits.TestRows.Count));
        for (var tenth = 0; tenth < 10; tenth++) Assert.Equal(20, splits.TestRows.Count(r => r / 100 == tenth));
    }

    [Fact]
    public void Class_with_one_row_and_a_test_file_with_other_columns_are_refused_with_the_cure()
    {
        var error = Assert.Throws<DataFormatException>(() => Splitter.Split(Table(["a", "a", "b", "a", "a"]), new SplitRequest(), "label", isClassification: true));
        Assert.Contains("'b'", error.Message, StringComparison.Ordinal);
        var other = new Table("other.csv", 2, [new NumericColumn("xx", [1, 2]), new TextColumn("label", [0, 1], ["a", "b"])]);
        error = Assert.Throws<DataFormatException>(() => Splitter.Split(Classes(100), new SplitRequest { TestTable = other }, "label", isClassification: true));
        Assert.Equal("other.csv, line 1: The file has other columns than table; missing: 'x' (nearest here: 'xx'). Rename the columns, or give another file.", error.Message);
    }

    [Fact]
    public void Seed_7_draws_these_rows_on_every_machine()
    {
        var splits = Splitter.Split(Classes(30), new SplitRequest { Seed = 7 }, "label", isClassification: true);
        Assert.Equal([0, 5, 7, 12, 20, 23], splits.TestRows);   // computed apart, in Python
        Assert.Equal([11, 21, 26, 27, 29], splits.ValidationRows);
    }

    [Fact]
    public void Report_survives_json()
    {
        var report = Splitter.Split(Classes(100), new SplitRequest(), "label", isClassification: true).Report;
        var again = SplitReport.FromJson(report.ToJson());
        Assert.Equal(report.ToJson(), again.ToJson());
        Assert.Contains("\"keptOutOfTest\": 0", report.ToJson(), StringComparison.Ordinal);
    }

    private static Table Classes(int rows) => Table([.. Enumerable.Range(0, rows).Select(i => i % 3 == 0 ? "a" : "b")]);

    private static Table Table(string[] labels)
    {
        var dictionary = labels.Distinct().ToArray();
        return new Table("table", labels.Length,
        [
            new NumericColumn("x", [.. Enumerable.Range(0, labels.Length).Select(i => i * 1.25 + 1000)]),
            new TextColumn("label", [.. labels.Select(l => Array.IndexOf(dictionary, l))], dictionary),
        ]);
    }
}
