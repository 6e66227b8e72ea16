using System.Globalization;
using Attune.Data;

namespace Attune.Prediction;

/// <summary>Makes a one-row table from .NET values.</summary>
internal static class RowTable
{
    private const string Source = "the given row";

    public static Table Of(IReadOnlyDictionary<string, object?> row, IReadOnlyList<ColumnSchema> columns)
    {
        var missing = columns.Where(c => !row.ContainsKey(c.Name)).Select(c => c.Name).ToList();
        if (missing.Count > 0)
            throw new DataFormatException(Source, null, null, $"Lacks {NearestName.Preview(missing)}. Give null for a value that is not known.{NearestName.Hint(missing[0], row.Keys)}");
        return new Table(Source, 1, [.. columns.Select(c => Column(c, row[c.Name]))]);
    }

    private static Column Column(ColumnSchema schema, object? value) => schema.Kind switch
    {
        ColumnKind.Numeric => new NumericColumn(schema.Name, [Number(schema.Name, value)]),
        ColumnKind.Date => new DateColumn(schema.Name, [Date(schema.Name, value)]),
        _ => Text(schema.Name, value),
    };

    private static double Number(string name, object? value)
    {
        if (value is null) return double.NaN;
        if (value is not (double or float or decimal or sbyte or byte or short or ushort or int or uint or long or ulong)) throw Wrong(name, "a number", value);
        var number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
        return double.IsInfinity(number) ? throw Wrong(name, "a finite number", value) : number;
    }

    private static long Date(string name, object? value) => value switch
    {
        null => DateColumn.Missing,
        DateTimeOffset date => date.ToUnixTimeMilliseconds(),
        DateTime date => new DateTimeOffset(DateTime.SpecifyKind(date, DateTimeKind.Utc)).ToUnixTimeMilliseconds(),
        DateOnly date => new DateTimeOffset(date, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeMilliseconds(),
        _ => throw Wrong(name, "a date", value),
    };

    private static TextColumn Text(string name, object? value)
    {
        var text = value switch
        {
            null => "",
            string word => word,
            bool flag => flag ? "true" : "false",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => throw Wrong(name, "text", value),
        };
        return text.Length == 0 ? new TextColumn(name, [-1], []) : new TextColumn(name, [0], [text]);
    }

    private static DataFormatException Wrong(string name, string expected, object value)
        => new(Source, null, name, $"Has to be {expected}; got {Convert.ToString(value, CultureInfo.InvariantCulture)} ({value.GetType().Name}).");
}
