using System.Globalization;
using System.Text.Json;
using Attune.Data;
using Attune.Splitting;

namespace Attune.Tests.Data;

/// <summary>Every CSV file of test/data/bad does what its expected.json says.</summary>
public sealed class BadFilesTests
{
    private static readonly string Folder = TestFiles.At("test", "data", "bad");

    public static TheoryData<string> Files()
    {
        var data = new TheoryData<string>();
        foreach (var name in Cases().Keys) data.Add(name);
        return data;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Bad_file_is_refused_or_read_as_stated(string name)
    {
        var expected = Cases()[name];
        var path = Path.Combine(Folder, name);
        DataFormatException? error = null;
        Table? table = null;
        SplitReport? split = null;
        try
        {
            table = TableReader.Read(path);
            if (expected.TryGetProperty("target", out var target)) split = Splitter.Split(table, new SplitRequest { Test = 0.4, Validation = 0.4 }, target.GetString()!, isClassification: true).Report;
        }
        catch (DataFormatException e)
        {
            error = e;
        }
        switch (expected.GetProperty("expect").GetString())
        {
            case "reject":
                Assert.NotNull(error);
                break;
            case "accept":
                Assert.Null(error);
                break;
            case "reject_or_report":
                Assert.True(error is not null || table!.Notices.Count > 0 || split is { Notices.Count: > 0 });
                break;
        }
        if (error is not null) Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        if (error is not null && expected.TryGetProperty("line", out var line))
        {
            Assert.Equal(line.GetInt64(), error.Line);
            Assert.Contains("line " + line.GetInt64().ToString(CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
        }
        if (error is null && expected.TryGetProperty("rows", out var rows)) Assert.Equal(rows.GetInt32(), table!.Rows);
        if (error is null && expected.TryGetProperty("columns", out var columns)) Assert.Equal(columns.GetInt32(), table!.Columns.Count);
    }

    [Fact]
    public void Infinite_cell_is_named_with_its_line_and_column()
    {
        var error = Assert.Throws<DataFormatException>(() => TableReader.Read(Path.Combine(Folder, "inf_nan_text.csv")));
        Assert.Equal((3L, "x"), (error.Line, error.Column));
        Assert.Contains("'NaN'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mixed_line_ends_leave_no_carriage_return_in_a_label()
    {
        var labels = (TextColumn)TableReader.Read(Path.Combine(Folder, "mixed_line_ends.csv"))["label"];
        Assert.Equal(["yes", "no"], labels.Dictionary);
        Assert.Equal([0, 1, 0, 1, 0], labels.Codes);
    }

    [Fact]
    public void Thousands_separators_make_words_with_a_notice()
    {
        var table = TableReader.Read(Path.Combine(Folder, "thousands_separators.csv"));
        Assert.Equal(["1,200.50", "12,000", "950", "1,000,000"], ((TextColumn)table["price"]).Dictionary);
        Assert.Contains(table.Notices, n => n.Contains("'price'", StringComparison.Ordinal) && n.Contains("line 2", StringComparison.Ordinal));
    }

    [Fact]
    public void Missing_targets_are_left_out_and_counted()
    {
        var table = TableReader.Read(Path.Combine(Folder, "target_missing.csv"));
        var report = Splitter.Split(table, new SplitRequest { Test = 0.25, Validation = 0.3 }, "label", isClassification: true).Report;
        Assert.Equal(2, report.MissingTargets);
        Assert.Contains(report.Notices, n => n.Contains(":4", StringComparison.Ordinal) && n.Contains(":7", StringComparison.Ordinal));
        Assert.Equal(["no", "yes"], report.Classes!.Keys);
    }

    private static Dictionary<string, JsonElement> Cases() => JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "expected.json"))).RootElement
        .GetProperty("files").EnumerateArray()
        .Where(f => f.GetProperty("kind").GetString() == "csv")
        .ToDictionary(f => f.GetProperty("file").GetString()!);
}
