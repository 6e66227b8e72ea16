using System.Text;
using Attune.Data;
using CsCheck;

namespace Attune.Tests.Data;

/// <summary>Any table, written with any quoting and line ends, reads back equal; any bytes are read or refused, never a crash.</summary>
public sealed class CsvPropertyTests
{
    private static readonly string[] Pieces = ["a", "b", ",", ";", "|", "\t", "\"", "\n", "\r", " ", "x", "'", "é", "漢", "😀"];
    private static readonly string[] Words = ["", "NA", "None", "a\"b", "\"\"", "x\r\ny", "😀", "-", "end,", "0x1"];

    private static readonly Gen<string> Word = Gen.OneOf(Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i]).Array[0, 12].Select(string.Concat), Gen.Int[0, Words.Length - 1].Select(i => Words[i]));

    private static readonly Gen<(string[][] Cells, int Seed)> Tables =
        from columns in Gen.Int[2, 6]
        from rows in Gen.Int[1, 40]
        from cells in Word.Array[columns].Array[rows]
        from seed in Gen.Int
        select (cells, seed);

    [Fact]
    public void Written_table_reads_back_equal()
    {
        using var folder = TestFiles.Folder();
        Tables.Sample(input =>
        {
            var random = new Draws(input.Seed);
            var name = $"t{Guid.NewGuid():N}.csv";
            var delimiter = ",;\t|"[random.Next(4)];
            var ends = random.Next(3) == 0 ? ["\n", "\r\n", "\r"] : new[] { random.Next(2) == 0 ? "\n" : "\r\n" };
            var text = new StringBuilder(random.Next(2) == 0 ? "\uFEFF" : "");
            // a prefix that no number or blank has keeps every column words
            var cells = input.Cells.Select(r => r.Select(c => c.Length == 0 ? "" : "w" + c).ToArray()).ToArray();
            text.AppendJoin(delimiter, Enumerable.Range(0, cells[0].Length).Select(i => $"c{i}")).Append(ends[random.Next(ends.Length)]);
            for (var row = 0; row < cells.Length; row++)
            {
                text.AppendJoin(delimiter, cells[row].Select(c => c.IndexOfAny([delimiter, '"', '\n', '\r']) >= 0 || random.Next(3) == 0 ? "\"" + c.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : c));
                if (row < cells.Length - 1 || random.Next(2) == 0) text.Append(ends[random.Next(ends.Length)]);
            }
            var path = folder.Write(name, text.ToString());
            var table = TableReader.Read(path, new TableReadOptions { Threads = 1 });
            Assert.Equal(cells.Length, table.Rows);
            for (var row = 0; row < cells.Length; row++)
                for (var column = 0; column < cells[row].Length; column++) Assert.Equal(cells[row][column], table.Columns[column].Text(row));
            if (ends.Length == 1 && !cells.Any(r => r.Any(c => c.Contains('\r') || c.Contains('\n'))))
                DuckDbCheck.AssertSameCells(path, delimiter, ends[0] == "\n" ? "\\n" : "\\r\\n", [.. table.Columns.Select(c => c.Name)], cells.Length, (row, column) => cells[row][column]);
            File.Delete(path);
        }, iter: 150, threads: 1);
    }

    [Fact]
    public void Any_bytes_are_read_or_refused_with_the_file_named()
    {
        using var folder = TestFiles.Folder();
        var bytes = Gen.OneOf(Gen.Byte.Array[0, 300], Gen.Int[0, 9].Select(i => "a,b\n1\"\r;x "u8[i]).Array[0, 300]);
        bytes.Sample(content =>
        {
            var path = folder.Write("any.csv", content);
            try
            {
                Assert.True(TableReader.Read(path, new TableReadOptions { Threads = 1 }).Rows > 0);
            }
            catch (DataFormatException e)
            {
                Assert.StartsWith(path, e.Message, StringComparison.Ordinal);
                Assert.DoesNotContain("disagree", e.Message, StringComparison.Ordinal);
            }
        }, iter: 2000, threads: 1);
    }

    // A few numbers that differ from case to case and repeat with its seed.
    private sealed class Draws(int seed)
    {
        private readonly Attune.Randomness.Philox _stream = new((ulong)(uint)seed, "csv");
        private ulong _next;

        public int Next(int bound) => (int)_stream.Below(_next++, bound);
    }
}
