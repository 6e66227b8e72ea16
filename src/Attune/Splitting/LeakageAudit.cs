using System.Globalization;
using Attune.Data;

namespace Attune.Splitting;

/// <summary>Finds rows that stand in two splits, exactly or nearly.</summary>
internal static class LeakageAudit
{
    private const int MostExamples = 5;

    /// <summary>Exact copies over features and target, and near copies over the features.</summary>
    public static (DuplicateReport Exact, DuplicateReport Near) Find(Table train, Table validation, Table test, IReadOnlyList<string> features, IReadOnlyList<string> targets)
    {
        string[] own = [.. features.Where(f => !targets.Contains(f, StringComparer.Ordinal))];
        string[] all = [.. own, .. targets];
        var exact = (RowHashes.Of(train, all), RowHashes.Of(validation, all), RowHashes.Of(test, all));
        var (exactReport, exactRows) = Compare(train, validation, test, exact, null);
        if (own.Length == 0) return (exactReport, new DuplicateReport(0, 0, []));
        var near = (RowHashes.Near(train, own), RowHashes.Near(validation, own), RowHashes.Near(test, own));
        return (exactReport, Compare(train, validation, test, near, exactRows).Report);
    }

    private static (DuplicateReport Report, HashSet<(int Split, int Row)> Rows) Compare(
        Table train, Table validation, Table test, (ulong[] Train, ulong[] Validation, ulong[] Test) hashes, HashSet<(int Split, int Row)>? skip)
    {
        var seen = new Dictionary<ulong, (string Split, Table Table, int Row)>(train.Rows);
        for (var row = 0; row < train.Rows; row++) seen.TryAdd(hashes.Train[row], ("training", train, row));
        var examples = new List<string>();
        var found = new HashSet<(int Split, int Row)>();
        int Count(int split, string name, Table table, ulong[] own)
        {
            var count = 0;
            for (var row = 0; row < table.Rows; row++)
            {
                if (!seen.TryGetValue(own[row], out var other)) continue;
                found.Add((split, row));
                if (skip is not null && skip.Contains((split, row))) continue;
                count++;
                if (examples.Count < MostExamples) examples.Add($"{name} row {Place(table, row)} = {other.Split} row {Place(other.Table, other.Row)}");
            }
            return count;
        }
        var inValidation = Count(1, "validation", validation, hashes.Validation);
        for (var row = 0; row < validation.Rows; row++) seen.TryAdd(hashes.Validation[row], ("validation", validation, row));
        var inTest = Count(2, "test", test, hashes.Test);
        return (new DuplicateReport(inTest, inValidation, examples), found);
    }

    /// <summary>Where a row stands, for a person.</summary>
    public static string Place(Table table, int row) => table.LineOfRow is { } line
        ? string.Create(CultureInfo.InvariantCulture, $"{table.Source}:{line(row)}")
        : string.Create(CultureInfo.InvariantCulture, $"{row + 1} of {table.Source}");
}
