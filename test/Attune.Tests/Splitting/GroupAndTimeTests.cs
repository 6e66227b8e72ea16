using Attune.Data;
using Attune.Randomness;
using Attune.Splitting;

namespace Attune.Tests.Splitting;

public sealed class GroupAndTimeTests
{
    [Fact]
    public void Trap_28_groups_stay_in_one_part_and_parts_keep_their_shares()
    {
        var table = Patients(4000);
        for (var seed = 0UL; seed < 5; seed++)
        {
            var splits = Splitter.Split(table, new SplitRequest { GroupColumn = "patient", FeatureColumns = ["x"], Seed = seed }, "label", isClassification: true);
            HashSet<string> Of(IReadOnlyList<int> rows) => [.. rows.Select(table["patient"].Text)];
            Assert.Empty(Of(splits.TrainRows).Intersect(Of(splits.TestRows)).Concat(Of(splits.TrainRows).Intersect(Of(splits.ValidationRows))).Concat(Of(splits.TestRows).Intersect(Of(splits.ValidationRows))));
            Assert.InRange(splits.Report.Test, 760, 840);
            Assert.InRange(splits.Report.Validation, 600, 680);
            var share = splits.Report.Classes!["yes"].Sum() / 4000.0;
            Assert.InRange(splits.Report.Classes["yes"][2] / (double)splits.Report.Test, share - 0.03, share + 0.03);
            Assert.Contains("'patient' together", splits.Report.Method, StringComparison.Ordinal);
            Assert.Equal(splits.TestRows, Splitter.Split(table, new SplitRequest { GroupColumn = "patient", FeatureColumns = ["x"], Seed = seed }, "label", isClassification: true).TestRows);
        }
    }

    [Fact]
    public void One_large_group_does_not_swallow_the_test_split()
    {
        var patient = new TextColumn("patient", [.. Enumerable.Range(0, 300).Select(i => i < 200 ? 0 : i - 199)], [.. Enumerable.Range(0, 101).Select(i => "p" + i)]);
        var table = new Table("t", 300, [Numbers("x", 300), patient, Labels(300)]);
        var report = Splitter.Split(table, new SplitRequest { GroupColumn = "patient", FeatureColumns = ["x"] }, "label", isClassification: true).Report;
        Assert.InRange(report.Test, 50, 70);
        Assert.True(report.Train >= 200);
    }

    [Fact]
    public void Regression_and_several_labels_have_groups_too()
    {
        var table = Patients(1000);
        var flags = new Table("t", 1000, [.. table.Columns, new NumericColumn("a", [.. Enumerable.Range(0, 1000).Select(i => i % 3 == 0 ? 1.0 : 0)]), new NumericColumn("b", [.. Enumerable.Range(0, 1000).Select(i => i % 5 == 0 ? 1.0 : 0)])]);
        var request = new SplitRequest { GroupColumn = "patient", FeatureColumns = ["x"] };
        Assert.InRange(Splitter.Split(flags, request, SplitTarget.LabelColumns(["a", "b"])).Report.Test, 170, 230);
        Assert.InRange(Splitter.Split(table, request, "x", isClassification: false).Report.Test, 170, 230);
    }

    [Fact]
    public void The_latest_rows_are_tested_and_equal_moments_stay_together()
    {
        var day = new DateColumn("day", [.. Enumerable.Range(0, 1000).Select(i => (long)(i * 37 % 1000 / 10) * 86_400_000)]);
        var table = new Table("t", 1000, [Numbers("x", 1000), day, Labels(1000)]);
        var splits = Splitter.Split(table, new SplitRequest { TimeColumn = "day", FeatureColumns = ["x"] }, "label", isClassification: true);
        Assert.Equal((640, 160, 200), (splits.Report.Train, splits.Report.Validation, splits.Report.Test));
        Assert.True(splits.TrainRows.Max(r => day.Milliseconds[r]) < splits.ValidationRows.Min(r => day.Milliseconds[r]));
        Assert.True(splits.ValidationRows.Max(r => day.Milliseconds[r]) < splits.TestRows.Min(r => day.Milliseconds[r]));
        Assert.Equal("by time 'day'", splits.Report.Method);
        // known rows are learned from, not tested
        var later = Splitter.Split(table, new SplitRequest { TimeColumn = "day", FeatureColumns = ["x"], KnownRows = RowHashes.Of(splits.Test.Select([0, 1, 2]), ["x", "label"]).ToHashSet() }, "label", isClassification: true);
        Assert.Equal(197, later.Report.Test);
    }

    [Fact]
    public void What_is_no_time_is_refused()
    {
        var table = Patients(100);
        string Refused(string column) => Assert.Throws<DataFormatException>(() => Splitter.Split(table, new SplitRequest { TimeColumn = column }, "label", isClassification: true)).Message;
        Assert.Contains("words", Refused("patient"), StringComparison.Ordinal);
        Assert.Contains("'xx'", Refused("xx"), StringComparison.Ordinal);
        var still = new Table("t", 100, [new NumericColumn("t", new double[100]), Numbers("x", 100), Labels(100)]);
        Assert.Contains("same moment", Assert.Throws<DataFormatException>(() => Splitter.Split(still, new SplitRequest { TimeColumn = "t" }, "label", isClassification: true)).Message, StringComparison.Ordinal);
        Assert.Contains("contradict", Assert.Throws<OptionsException>(() => Splitter.Split(table, new SplitRequest { TimeColumn = "x", GroupColumn = "patient" }, "label", isClassification: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_and_moments_that_are_the_target_or_too_few_are_refused()
    {
        var table = Patients(100);
        string Target(SplitRequest request) => Assert.Throws<OptionsException>(() => Splitter.Split(table, request, "label", isClassification: true)).Message;
        Assert.Contains("split.group: 'label' is what is learned", Target(new SplitRequest { GroupColumn = "label" }), StringComparison.Ordinal);
        Assert.Contains("split.time: 'label' is what is learned", Target(new SplitRequest { TimeColumn = "label" }), StringComparison.Ordinal);
        var halves = new Table("t", 100, [new TextColumn("half", [.. Enumerable.Range(0, 100).Select(i => i / 50)], ["a", "b"]), Numbers("x", 100), Labels(100)]);
        Assert.Contains("2 groups cannot be in 3 parts", Assert.Throws<DataFormatException>(() => Splitter.Split(halves, new SplitRequest { GroupColumn = "half" }, "label", isClassification: true)).Message, StringComparison.Ordinal);
    }

    /// <summary>Patients of 1 to 12 rows that mostly share their label.</summary>
    internal static Table Patients(int rows)
    {
        var (stream, of, label, x) = (new Philox(5, "patients"), new int[rows], new int[rows], new double[rows]);
        for (int row = 0, patient = 0, left = 0, own = 0; row < rows; row++)
        {
            if (left-- == 0) (patient, left, own) = (patient + 1, (int)stream.Below((ulong)row, 12), stream.Uniform((ulong)row) < 0.3 ? 1 : 0);
            (of[row], label[row], x[row]) = (patient, stream.Uniform((ulong)(rows + row)) < 0.1 ? 1 - own : own, stream.Normal((ulong)row));
        }
        return new Table("patients.csv", rows, [new NumericColumn("x", x), new TextColumn("patient", of, [.. Enumerable.Range(0, rows + 1).Select(i => "p" + i)]), new TextColumn("label", label, ["no", "yes"])]);
    }

    private static NumericColumn Numbers(string name, int rows) => new(name, [.. Enumerable.Range(0, rows).Select(i => Math.Sin(i * 0.7) * 100)]);

    private static TextColumn Labels(int rows) => new("label", [.. Enumerable.Range(0, rows).Select(i => i * 7 % 3 == 0 ? 1 : 0)], ["no", "yes"]);
}
