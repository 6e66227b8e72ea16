using System.Globalization;
using Attune.Data;

namespace Attune.Splitting;

/// <summary>Finds what makes a test easier than life: rows that stand in two splits, exactly or nearly, and columns that know too much.</summary>
internal static class LeakageAudit
{
    private const int MostExamples = 5, MostFindings = 5;

    /// <summary>Exact copies over features and target, near copies over the features, and everything else.</summary>
    /// <param name="train">Training rows.</param>
    /// <param name="validation">Validation rows.</param>
    /// <param name="test">Test rows, drawn or given.</param>
    /// <param name="features">Columns that are learned from.</param>
    /// <param name="target">What is learned.</param>
    /// <param name="groupColumn">The column that keeps rows in one part, or null.</param>
    public static (DuplicateReport Exact, DuplicateReport Near, AuditReport Audit) Find(Table train, Table validation, Table test, IReadOnlyList<string> features, SplitTarget target, string? groupColumn)
    {
        string[] own = [.. features.Where(f => !target.Columns.Contains(f, StringComparer.Ordinal))];
        string[] all = [.. own, .. target.Columns];
        var exact = (RowHashes.Of(train, all), RowHashes.Of(validation, all), RowHashes.Of(test, all));
        var (exactReport, found) = Compare(train, validation, test, exact, null);
        var nearReport = new DuplicateReport(0, 0, []);
        if (own.Length > 0)
        {
            (nearReport, var near) = Compare(train, validation, test, (RowHashes.Near(train, own), RowHashes.Near(validation, own), RowHashes.Near(test, own)), found);
            found.UnionWith(near);
        }
        var (giveaways, identifiers, groups) = ColumnAudit.Find(train, validation, test, target, groupColumn);
        var report = new AuditReport { NearTexts = TextAudit.Find(train, validation, test, own, found), Giveaways = giveaways, Identifiers = identifiers, SharedGroups = groups };
        return (exactReport, nearReport, report with { Summary = Summary(train.Rows + validation.Rows + test.Rows, train.Columns.Count, exactReport, nearReport, report) });
    }

    private static string Summary(int rows, int columns, DuplicateReport exact, DuplicateReport near, AuditReport audit)
    {
        List<string> found = [];
        if (Sum(exact) > 0) found.Add(Text($"{exact.TrainTest:N0} test rows and {exact.TrainValidation:N0} validation rows are exact copies of rows in another split ({exact.Examples[0]}): the scores flatter. Remove them from one of the files."));
        if (Sum(near) > 0) found.Add(Text($"{near.TrainTest:N0} test rows and {near.TrainValidation:N0} validation rows nearly equal rows in another split ({near.Examples[0]})."));
        if (Sum(audit.NearTexts) > 0) found.Add(Text($"{audit.NearTexts.TrainTest:N0} test texts and {audit.NearTexts.TrainValidation:N0} validation texts share most of their words in order with one in another split ({audit.NearTexts.Examples[0]})."));
        found.AddRange(audit.Giveaways.Concat(audit.Identifiers).Concat(audit.SharedGroups).Take(MostFindings).Select(f => char.ToUpperInvariant(f.Sentence[0]) + f.Sentence[1..]));
        var more = audit.Giveaways.Count + audit.Identifiers.Count + audit.SharedGroups.Count - MostFindings;
        if (more > 0) found.Add(Text($"{more} more columns stand in split.json."));
        return Text($"Leakage audit of {rows:N0} rows and {columns:N0} columns: ") + (found.Count == 0 ? "nothing found." : string.Join(" ", found));
    }

    private static int Sum(DuplicateReport report) => report.TrainTest + report.TrainValidation;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

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
