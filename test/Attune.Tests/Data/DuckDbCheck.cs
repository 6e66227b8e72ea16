using System.Globalization;
using DuckDB.NET.Data;

namespace Attune.Tests.Data;

/// <summary>A second opinion on delimited text: DuckDB's own reader, told the dialect.</summary>
internal static class DuckDbCheck
{
    /// <summary>Demands that DuckDB finds the expected text (or number) in every cell.</summary>
    public static void AssertSameCells(string path, char delimiter, string lineEnd, string[] names, int rows, Func<int, int, object> expected)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        var columns = string.Join(", ", names.Select((_, i) => $"'c{i}': 'VARCHAR'"));
        command.CommandText = $"SELECT * FROM read_csv('{path.Replace("'", "''", StringComparison.Ordinal)}', auto_detect=false, header=true, delim='{delimiter}', quote='\"', escape='\"', nullstr='', new_line='{lineEnd}', columns={{{columns}}})";
        using var reader = command.ExecuteReader();
        var row = 0;
        for (; reader.Read(); row++)
        {
            for (var column = 0; column < names.Length; column++)
            {
                var cell = reader.IsDBNull(column) ? "" : reader.GetString(column);
                if (expected(row, column) is double number) Assert.Equal(number, cell.Length == 0 ? double.NaN : double.Parse(cell, CultureInfo.InvariantCulture));
                else Assert.Equal(expected(row, column), cell);
            }
        }
        Assert.Equal(rows, row);
    }
}
