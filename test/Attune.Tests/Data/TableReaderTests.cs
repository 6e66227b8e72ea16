using System.Globalization;
using Attune.Data;

namespace Attune.Tests.Data;

public sealed class TableReaderTests
{
    [Fact]
    public void Penguins_have_the_kinds_and_gaps_that_a_person_sees()
    {
        var table = TableReader.Read(TestFiles.At("samples", "data", "penguins.csv"));
        Assert.Equal(344, table.Rows);
        var kinds = table.Schema.ToDictionary(c => c.Name, c => c.Kind);
        Assert.Equal(ColumnKind.Category, kinds["species"]);
        Assert.Equal(ColumnKind.Numeric, kinds["bill_length_mm"]);
        Assert.Equal(ColumnKind.Numeric, kinds["body_mass_g"]);
        Assert.Equal(19, table.Columns.Sum(c => Enumerable.Range(0, c.Rows).Count(c.IsMissing)));
        Assert.Equal(39.1, ((NumericColumn)table["bill_length_mm"]).Values[0]);
    }

    [Fact]
    public void Credit_data_has_all_its_rows_and_455_gaps()
    {
        var table = TableReader.Read(TestFiles.At("test", "data", "credit_data.csv"));
        Assert.Equal((4454, 14), (table.Rows, table.Columns.Count));
        Assert.Equal(455, table.Columns.Sum(c => Enumerable.Range(0, c.Rows).Count(c.IsMissing)));
        Assert.Equal(["good", "bad"], ((TextColumn)table["Status"]).Dictionary);
    }

    [Theory]
    [InlineData("penguins.csv")]
    [InlineData("iris.csv")]
    [InlineData("breast-cancer.csv")]
    public void Cells_are_the_ones_that_DuckDB_finds(string name)
    {
        var path = TestFiles.At("samples", "data", name);
        var table = TableReader.Read(path);
        DuckDbCheck.AssertSameCells(path, ',', "\\n", [.. table.Columns.Select(c => c.Name)], table.Rows, (row, column) => table.Columns[column] switch
        {
            NumericColumn number => number.Values[row],
            var other => other.Text(row),
        });
    }

    [Fact]
    public void Words_that_look_missing_are_values_until_they_are_listed()
    {
        using var folder = TestFiles.Folder();
        var path = folder.Write("a.csv", "country,class,n\nNA,None,1\nDE,Null,-999\n\"\",NaN,3\nFR,None,4\n");
        var table = TableReader.Read(path);
        Assert.Equal(["NA", "DE", "FR"], ((TextColumn)table["country"]).Dictionary);
        Assert.Equal(["None", "Null", "NaN"], ((TextColumn)table["class"]).Dictionary);
        Assert.True(table["country"].IsMissing(2));
        table = TableReader.Read(path, new TableReadOptions { MissingWords = ["NA", "-999", "NaN"] });
        Assert.True(table["country"].IsMissing(0));
        Assert.True(table["n"].IsMissing(1));
        Assert.Equal(["None", "Null"], ((TextColumn)table["class"]).Dictionary);
    }

    [Theory]
    [InlineData("inf")]
    [InlineData("nan")]
    [InlineData("-Infinity")]
    [InlineData("1e999")]
    [InlineData("+inf")]
    public void Number_that_is_not_finite_is_refused(string cell)
    {
        using var folder = TestFiles.Folder();
        var path = folder.Write("a.csv", $"a,b\n1,x\n2,y\n{cell},x\n");
        var error = Assert.Throws<DataFormatException>(() => TableReader.Read(path));
        Assert.Equal($"{path}, line 4, column 'a': The cell '{cell}' is not a finite number; a model cannot learn from it. Correct it, leave it empty, or list the word as missing.", error.Message);
    }

    [Theory]
    [InlineData("0x10")]
    [InlineData("1_000")]
    [InlineData("1,000")]
    [InlineData("1 000")]
    [InlineData("12abc")]
    [InlineData("1e")]
    [InlineData("--1")]
    [InlineData("1.2.3")]
    [InlineData("1d")]
    [InlineData("(5)")]
    [InlineData("5%")]
    [InlineData("$5")]
    [InlineData("true")]
    public void Cell_that_only_begins_as_a_number_makes_words_and_never_half_a_number(string cell)
    {
        using var folder = TestFiles.Folder();
        var table = TableReader.Read(folder.Write("a.csv", $"a,b\n1,x\n2,y\n3,x\n\"{cell}\",y\n"));
        Assert.Equal(["1", "2", "3", cell], ((TextColumn)table["a"]).Dictionary);
        Assert.Contains(table.Notices, n => n.Contains("line 5 holds '" + cell + "'", StringComparison.Ordinal));
    }

    [Fact]
    public void Number_forms_are_read_exactly()
    {
        string[] cells = ["0", "-0.5", "+3", ".5", "5.", "1e3", "1E-3", " 7 ", "0.1", "123456789012345678", "1.7976931348623157e308", "4.9e-324", "9007199254740993", "0.30000000000000004", "1e-400"];
        using var folder = TestFiles.Folder();
        var values = ((NumericColumn)TableReader.Read(folder.Write("a.csv", "a,b\n" + string.Concat(cells.Select((c, i) => $"{c},{i % 2}\n"))))["a"]).Values;
        Assert.Equal(cells.Select(c => double.Parse(c, NumberStyles.Float, CultureInfo.InvariantCulture)), values);
    }

    [Theory]
    [InlineData(",")]
    [InlineData(";")]
    [InlineData("\t")]
    [InlineData("|")]
    public void Delimiter_is_found_and_byte_order_mark_and_line_ends_are_no_part_of_the_data(string delimiter)
    {
        using var folder = TestFiles.Folder();
        foreach (var end in (string[])["\n", "\r\n", "\r"])
        {
            var text = "\uFEFF" + string.Join(end, new[] { "name,size", "\"a,;|b\",1", "b,2", "c,3" }.Select(l => l.Replace("name,", "name" + delimiter, StringComparison.Ordinal).Replace("\",", "\"" + delimiter, StringComparison.Ordinal).Replace("b,2", "b" + delimiter + "2", StringComparison.Ordinal).Replace("c,3", "c" + delimiter + "3", StringComparison.Ordinal)));
            var table = TableReader.Read(folder.Write("t.csv", text));
            Assert.Equal(["name", "size"], table.Columns.Select(c => c.Name));
            Assert.Equal(["a,;|b", "b", "c"], ((TextColumn)table["name"]).Dictionary);
            Assert.Equal([1.0, 2, 3], ((NumericColumn)table["size"]).Values);
        }
    }

    [Fact]
    public void Reading_does_not_depend_on_the_culture()
    {
        using var folder = TestFiles.Folder();
        var path = folder.Write("a.csv", "ID,I,tarih,x\nq1,ISTANBUL,2024-01-02,1.5\nq2,izmir,2024-02-03,2.5\nq3,ISTANBUL,2023-12-31,1234.75\n");
        var expected = TableReader.Read(path);
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("tr-TR");
            var table = TableReader.Read(path, new TableReadOptions { Threads = 1 });
            AssertEqual(expected, table);
            Assert.Equal(expected.Schema, table.Schema);
            Assert.Equal(1234.75, ((NumericColumn)table["x"]).Values[2]);
            Assert.Equal(ColumnKind.Identifier, table.Schema[0].Kind);
            Assert.Equal(RowHashes.Near(expected, ["I", "x"]), RowHashes.Near(table, ["I", "x"]));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Lines_count_newlines_in_quotes_and_blank_lines()
    {
        using var folder = TestFiles.Folder();
        var path = folder.Write("a.csv", "a,b\n\"x\ny\",1\n\nz,2\nw,oops\n");
        var table = TableReader.Read(path);
        Assert.Equal([2L, 5, 6], Enumerable.Range(0, 3).Select(table.LineOfRow!));
        Assert.Equal("x\ny", table["a"].Text(0));
        var error = Assert.Throws<DataFormatException>(() => TableReader.Read(path, new TableReadOptions { Kinds = new Dictionary<string, ColumnKind> { ["b"] = ColumnKind.Numeric } }));
        Assert.Equal((6L, "b"), (error.Line, error.Column));
    }

    [Fact]
    public void Expected_columns_are_read_with_their_kinds_and_others_ignored()
    {
        using var folder = TestFiles.Folder();
        ColumnSchema[] schema = [new("age", ColumnKind.Numeric, ""), new("city", ColumnKind.Category, ""), new("day", ColumnKind.Date, "")];
        var table = TableReader.Read(folder.Write("a.csv", "id,city,day,age\n007,1,2024-01-02,3\n008,2,,\n"), new TableReadOptions { Expect = schema, Keep = ["id"] });
        Assert.Equal(["age", "city", "day", "id"], table.Columns.Select(c => c.Name));
        Assert.Equal(["1", "2"], ((TextColumn)table["city"]).Dictionary);
        Assert.Equal("007", table["id"].Text(0));
        Assert.Equal("2024-01-02T00:00:00Z", table["day"].Text(0));
        Assert.True(table["age"].IsMissing(1));

        var path = folder.Write("b.csv", "id,City,ages\n1,2,3\n");
        var error = Assert.Throws<DataFormatException>(() => TableReader.Read(path, new TableReadOptions { Expect = schema }));
        Assert.Equal($"{path}, line 1: 3 columns are missing: 'age' (nearest here: 'ages'), 'city' (nearest here: 'City'), 'day'. The file has 'id', 'City', 'ages'. Rename the columns, or name another file.", error.Message);
        error = Assert.Throws<DataFormatException>(() => TableReader.Read(folder.Write("c.csv", "age,city,day\n1,a,\nold,b,\n"), new TableReadOptions { Expect = schema }));
        Assert.Equal((3L, "age"), (error.Line, error.Column));
    }

    [Fact]
    public void Kinds_come_with_reasons()
    {
        using var folder = TestFiles.Folder();
        var rows = Enumerable.Range(0, 200).Select(i => string.Create(CultureInfo.InvariantCulture,
            $"{i + 1},k{i * 7919},{i % 4},{(i % 2 == 0 ? "yes" : "no")},2024-01-{i % 28 + 1:00},same,,\"a long review number {i} with many words in it, about food\",{i * 0.25},{i % 50:000}"));
        var table = TableReader.Read(folder.Write("a.csv", "n,key,rating,flag,day,one,none,review,x,zip\n" + string.Join('\n', rows)));
        Assert.Equal(
            [ColumnKind.Identifier, ColumnKind.Identifier, ColumnKind.Numeric, ColumnKind.Boolean, ColumnKind.Date, ColumnKind.Constant, ColumnKind.Empty, ColumnKind.Text, ColumnKind.Numeric, ColumnKind.Category],
            table.Schema.Select(c => c.Kind));
        Assert.All(table.Schema, c => Assert.NotEmpty(c.Reason));
        Assert.Contains(table.Notices, n => n.Contains("'zip'", StringComparison.Ordinal));
    }

    [Fact]
    public void Parquet_and_json_lines_give_the_values_and_hashes_of_the_csv()
    {
        using var folder = TestFiles.Folder();
        var csv = folder.Write("it's [1].csv", "n,f,word,day,flag\n5,0.1,Oslo,2024-01-02,true\n-3,2.5,,2023-05-06,false\n,1e3,a'b,,true\n");
        var expected = TableReader.Read(csv);
        Export(csv, Path.Combine(folder.Path, "o'k [2].parquet"), "PARQUET");
        Export(csv, Path.Combine(folder.Path, "a.jsonl"), "JSON");
        foreach (var name in (string[])["o'k [2].parquet", "a.jsonl"])
        {
            var table = TableReader.Read(Path.Combine(folder.Path, name));
            AssertEqual(expected, table, singles: true);
            Assert.Equal(expected.Schema.Select(c => c.Kind), table.Schema.Select(c => c.Kind));
            Assert.Equal(RowHashes.Of(expected, ["n", "f", "word", "day", "flag"]), RowHashes.Of(table, ["flag", "word", "day", "f", "n"]));
            table = TableReader.Read(Path.Combine(folder.Path, name), new TableReadOptions { Expect = [new("n", ColumnKind.Category, "")] });
            Assert.Equal(["5", "-3"], ((TextColumn)table["n"]).Dictionary);
        }
    }

    [Fact]
    public void Broken_json_names_its_line_and_foreign_formats_their_cure()
    {
        using var folder = TestFiles.Folder();
        var error = Assert.Throws<DataFormatException>(() => TableReader.Read(folder.Write("a.jsonl", "{\"a\":1}\n{\"a\":2}\n{\"a\":]}\n{\"a\":4}\n")));
        Assert.Equal(3, error.Line);
        Assert.Contains("ZIP", Assert.Throws<DataFormatException>(() => TableReader.Read(folder.Write("a.xlsx", "PK\u0003\u0004...."))).Message, StringComparison.Ordinal);
        error = Assert.Throws<DataFormatException>(() => TableReader.Read(Path.Combine(folder.Path, "a.json")));
        Assert.Contains("Did you mean 'a.jsonl'?", error.Message, StringComparison.Ordinal);
        Assert.Contains("damaged", Assert.Throws<DataFormatException>(() => TableReader.Read(folder.Write("a.parquet", "no parquet"))).Message, StringComparison.Ordinal);
        Assert.Throws<DataFormatException>(() => TableReader.Read(folder.Write("b.parquet", "PAR1 but no more")));
    }

    [Fact]
    public void Fingerprint_is_the_sha256_of_the_bytes()
    {
        using var folder = TestFiles.Folder();
        var path = folder.Write("a.csv", "abc\n");
        Assert.Equal(new DataFingerprint("edeaaff3f1774ad2888673770c6d64097e391bc362d7d6fb34982ddf0efd18cb", 4, 0, 0), DataFingerprint.Of(path, new Table(path, 0, [])));
    }

    internal static void AssertEqual(Table expected, Table actual, bool singles = false)
    {
        Assert.Equal(expected.Rows, actual.Rows);
        Assert.Equal(expected.Columns.Select(c => c.Name), actual.Columns.Select(c => c.Name));
        foreach (var column in expected.Columns)
        {
            Assert.Equal(column.GetType(), actual[column.Name].GetType());
            if (singles && column is NumericColumn numeric) Assert.Equal(numeric.Values.Select(v => (float)v), ((NumericColumn)actual[column.Name]).Values.Select(v => (float)v));
            else for (var row = 0; row < expected.Rows; row++) Assert.Equal(column.Text(row), actual[column.Name].Text(row));
        }
    }

    private static void Export(string csv, string to, string format)
    {
        using var query = new DuckDbQuery(to, 1);
        query.Run($"COPY (SELECT * FROM read_csv({DuckDbQuery.Path(csv)}, header=true, columns={{'n':'INTEGER','f':'FLOAT','word':'VARCHAR','day':'DATE','flag':'BOOLEAN'}})) TO {DuckDbQuery.Text(to)} (FORMAT {format})");
    }
}
