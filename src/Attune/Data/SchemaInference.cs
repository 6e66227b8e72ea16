using System.Globalization;

namespace Attune.Data;

/// <summary>
/// What kind a column is, with the reason in words. Integers with few distinct values stay numeric (a rating of 1 to 5 has an order);
/// set their kind to category where the order means nothing. 0/1 stays numeric.
/// </summary>
public static class SchemaInference
{
    private const int FewRows = 20;

    private static readonly string[] IdentifierNames = ["id", "index", "key", "uuid", "guid", "rowid", "row", "row_number", "rownumber", "unnamed: 0"];
    private static readonly string[][] BooleanWords = [["false", "true"], ["no", "yes"], ["f", "t"], ["n", "y"], ["off", "on"]];

    /// <summary>The kind of a column from its values.</summary>
    public static ColumnSchema Of(Column column) => column switch
    {
        NumericColumn numeric => OfNumbers(numeric),
        DateColumn date => OfDates(date),
        TextColumn text => OfText(text),
        _ => throw new ArgumentException($"Unknown column type {column.GetType().Name}.", nameof(column)),
    };

    private static ColumnSchema OfNumbers(NumericColumn column)
    {
        double low = double.PositiveInfinity, high = double.NegativeInfinity, previous = double.NaN;
        int present = 0, steps = 0;
        var whole = true;
        foreach (var value in column.Values)
        {
            if (double.IsNaN(value)) continue;
            present++;
            low = Math.Min(low, value);
            high = Math.Max(high, value);
            whole = whole && value == Math.Floor(value);
            if (value == previous + 1) steps++;
            previous = value;
        }
        if (present == 0) return Empty(column);
        if (low == high && present == column.Rows) return new(column.Name, ColumnKind.Constant, Invariant($"every row holds {low}"));
        if (whole && present == column.Rows && present > 2)
        {
            if (steps == present - 1 && (present >= FewRows || IsIdentifierName(column.Name)))
                return new(column.Name, ColumnKind.Identifier, Invariant($"row numbers: {low} to {high} in steps of 1"));
            if (IsIdentifierName(column.Name) && new HashSet<double>(column.Values).Count == present)
                return new(column.Name, ColumnKind.Identifier, Invariant($"a different whole number in each of {present:N0} rows, and named like an identifier"));
        }
        return new(column.Name, ColumnKind.Numeric, Invariant($"{(whole ? "whole numbers" : "numbers")} from {low} to {high}{Gaps(column.Rows - present)}"));
    }

    private static ColumnSchema OfDates(DateColumn column)
    {
        long low = long.MaxValue, high = long.MinValue;
        var present = 0;
        foreach (var value in column.Milliseconds)
        {
            if (value == DateColumn.Missing) continue;
            present++;
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }
        if (present == 0) return Empty(column);
        var (first, last) = (DateTimeOffset.FromUnixTimeMilliseconds(low), DateTimeOffset.FromUnixTimeMilliseconds(high));
        return low == high && present == column.Rows
            ? new(column.Name, ColumnKind.Constant, Invariant($"every row holds {first:yyyy-MM-dd}"))
            : new(column.Name, ColumnKind.Date, Invariant($"dates from {first:yyyy-MM-dd} to {last:yyyy-MM-dd}{Gaps(column.Rows - present)}"));
    }

    private static ColumnSchema OfText(TextColumn column)
    {
        var counts = new int[column.Dictionary.Length];
        var present = 0;
        foreach (var code in column.Codes)
        {
            if (code < 0) continue;
            counts[code]++;
            present++;
        }
        var words = new List<string>();
        long letters = 0, blanks = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] == 0) continue;
            var word = column.Dictionary[i];
            words.Add(word);
            letters += word.Length;
            blanks += word.AsSpan().Count(' ');
        }
        return present == 0 ? Empty(column) : OfWords(column, words, present, (double)letters / words.Count, (double)blanks / words.Count);
    }

    private static ColumnSchema OfWords(TextColumn column, List<string> words, int present, double meanLength, double meanBlanks)
    {
        ColumnSchema Is(ColumnKind kind, string reason) => new(column.Name, kind, reason);
        var distinct = words.Count;
        if (distinct == 1 && present == column.Rows) return Is(ColumnKind.Constant, $"every row holds '{words[0]}'");
        if (distinct == 2 && IsBoolean(words[0], words[1])) return Is(ColumnKind.Boolean, $"'{words[0]}' or '{words[1]}'{Gaps(column.Rows - present)}");
        var unique = present >= FewRows && distinct > 0.95 * present;
        var numbers = Invariant($"{distinct:N0} distinct values in {present:N0} rows");
        if (unique && meanBlanks < 2 || (present > 2 && distinct == present && IsIdentifierName(column.Name))) return Is(ColumnKind.Identifier, numbers);
        if (unique || (distinct > FewRows && meanLength >= 50) || (distinct > 100 && distinct > 0.5 * present && meanLength >= 25))
            return Is(ColumnKind.Text, Invariant($"{numbers}, {meanLength:0} letters on average"));
        return Is(ColumnKind.Category, Invariant($"{distinct:N0} distinct values{Gaps(column.Rows - present)}"));
    }

    private static ColumnSchema Empty(Column column) => new(column.Name, ColumnKind.Empty, "no row holds a value");

    private static bool IsBoolean(string a, string b) => BooleanWords.Any(pair =>
        (a.Equals(pair[0], StringComparison.OrdinalIgnoreCase) && b.Equals(pair[1], StringComparison.OrdinalIgnoreCase)) ||
        (b.Equals(pair[0], StringComparison.OrdinalIgnoreCase) && a.Equals(pair[1], StringComparison.OrdinalIgnoreCase)));

    private static bool IsIdentifierName(string name) =>
        IdentifierNames.Contains(name, StringComparer.OrdinalIgnoreCase) ||
        name.EndsWith("_id", StringComparison.OrdinalIgnoreCase) || name.EndsWith(" id", StringComparison.OrdinalIgnoreCase) ||
        name.EndsWith("-id", StringComparison.OrdinalIgnoreCase) || name.EndsWith("Id", StringComparison.Ordinal) || name.EndsWith("ID", StringComparison.Ordinal);

    private static string Gaps(int missing) => missing == 0 ? "" : Invariant($", {missing:N0} missing");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
