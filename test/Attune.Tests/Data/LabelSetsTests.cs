using Attune.Data;

namespace Attune.Tests.Data;

public sealed class LabelSetsTests
{
    [Fact]
    public void Columns_of_numbers_and_words_say_which_labels_a_row_has()
    {
        using var folder = TestFiles.Folder();
        var table = TableReader.Read(folder.Write("a.csv", "x,a,b,c\n1,1,yes,TRUE\n2,0,No,false\n3,1.0,YES,False\n"));
        var sets = LabelSets.OfColumns(table, ["a", "b", "c"]);
        Assert.Equal([1, 1, 1, 0, 0, 0, 1, 1, 0], sets.Values);
        Assert.Equal((2, 2, 1), (sets.Count(0), sets.Count(1), sets.Count(2)));
        var forced = TableReader.Read(folder.Write("b.csv", "a,b,c\n1.0,0,1\n"), new TableReadOptions { Expect = [.. "abc".Select(c => new ColumnSchema($"{c}", ColumnKind.Category, ""))] });
        Assert.Equal([1, 0, 1], LabelSets.OfColumns(forced, ["a", "b", "c"]).Values);
    }

    [Fact]
    public void A_row_of_empty_cells_is_missing_and_a_single_empty_cell_is_refused_with_its_line()
    {
        using var folder = TestFiles.Folder();
        var gone = LabelSets.OfColumns(TableReader.Read(folder.Write("a.csv", "x,a,b\n1,1,0\n2,,\n3,0,1\n")), ["a", "b"]);
        Assert.Equal([false, true, false], gone.Missing);
        var error = Assert.Throws<DataFormatException>(() => LabelSets.OfColumns(TableReader.Read(folder.Write("b.csv", "x,a,b\n1,1,0\n2,,1\n3,0,1\n")), ["a", "b"]));
        Assert.Contains("line 3, column 'a'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("0.5")]
    [InlineData("maybe")]
    [InlineData("-1")]
    public void A_cell_that_is_no_yes_or_no_is_refused_with_its_line(string cell)
    {
        using var folder = TestFiles.Folder();
        var error = Assert.Throws<DataFormatException>(() => LabelSets.OfColumns(TableReader.Read(folder.Write("a.csv", $"x,a,b\n1,1,0\n2,0,{cell}\n")), ["a", "b"]));
        Assert.Contains($"line 3, column 'b': The cell '{cell}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Joined_labels_are_trimmed_counted_once_and_sorted_and_an_empty_cell_has_none()
    {
        var table = new Table("t", 4, [new TextColumn("tags", [0, 1, -1, 2], ["dog; cat ;dog", "ant", ";", "unused"])]);
        var sets = LabelSets.OfJoined(table, "tags", ";");
        Assert.Equal(["ant", "cat", "dog"], sets.Labels);
        Assert.Equal([0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0], sets.Values);
        Assert.DoesNotContain(true, sets.Missing);
    }

    [Fact]
    public void Known_labels_keep_their_order_and_others_are_refused()
    {
        var table = new Table("t", 2, [new TextColumn("tags", [0, 1], ["b", "a;b"])]);
        Assert.Equal([1, 0, 1, 1], LabelSets.OfJoined(table, "tags", ";", ["b", "a"]).Values);
        var error = Assert.Throws<DataFormatException>(() => LabelSets.OfJoined(table, "tags", ";", ["b", "c"]));
        Assert.Contains("The label 'a' is not one of the 2 labels seen in training", error.Message, StringComparison.Ordinal);
    }
}
