using System.Globalization;
using Attune.Data;

namespace Attune.Splitting;

/// <summary>Columns that give the target away, identifiers that tell classes apart, and groups that stand on both sides of a split.</summary>
internal static class ColumnAudit
{
    private const int FewestRows = 50, MostBins = 256, RowsOfBin = 8, FewestGroups = 20, RowsOfGroup = 30;   // larger groups are categories, which new rows have as well
    private const long CellsAtMost = 20_000_000;   // about a second

    // Of what chance leaves wrong, a column has to clear up this much: 97 % is a target in other words, a quarter is no chance for an identifier.
    private const double GivesAway = 0.97, Separates = 0.25, SharesAnswers = 0.3;

    /// <summary>What is found in all rows of a split.</summary>
    public static (IReadOnlyList<ColumnFinding> Giveaways, IReadOnlyList<ColumnFinding> Identifiers, IReadOnlyList<ColumnFinding> Groups) Find(Table train, Table validation, Table test, SplitTarget target, string? groupColumn)
    {
        var (giveaways, identifiers, groups) = (new List<ColumnFinding>(), new List<ColumnFinding>(), new List<ColumnFinding>());
        if (groupColumn is not null && Declared(train, validation, test, groupColumn) is { } split) groups.Add(split);
        var most = (int)Math.Max(1_000, CellsAtMost / Math.Max(1, train.Columns.Count) / 4);
        var rows = Sample(train, most);
        if (rows.Rows < FewestRows || AuditedTarget.Of(rows, target) is not { } audited) return (giveaways, identifiers, groups);
        foreach (var column in rows.Columns.Where(c => !target.Columns.Contains(c.Name, StringComparer.Ordinal) && c.Name != groupColumn))
        {
            var distinct = Distinct(column);
            if (distinct < 2 || IsFreeText(column)) continue;
            var isIdentifier = distinct >= 0.95 * rows.Rows && IsCountedOrNamed(column);
            var score = audited.Score(isIdentifier || column is not TextColumn ? Bins(column, rows.Rows) : ((TextColumn)column).Codes.Select(c => c + 1).ToArray());
            var cleared = (score - audited.Chance) / (1 - audited.Chance);
            if (cleared >= GivesAway) giveaways.Add(new ColumnFinding(column.Name, score, audited.Chance, Told(audited, column.Name, score, isIdentifier)));
            else if (isIdentifier && cleared >= Separates)
                identifiers.Add(new ColumnFinding(column.Name, score, audited.Chance, Text($"'{column.Name}' has another value in (nearly) every row, and yet its order alone tells {(audited.IsClass ? Text($"{score:P0} of the classes where {audited.Chance:P0} is chance") : Text($"{score:P0} of the target's variance"))}: rows are numbered by their answer. Leave it out.")));
            else if (!isIdentifier && rows.Rows / (double)distinct is >= 1.5 and <= RowsOfGroup && distinct >= FewestGroups && column is not NumericColumn and not DateColumn && cleared >= SharesAnswers && Shared(train, test, column.Name) is var shared and >= 0.2)
                groups.Add(new ColumnFinding(column.Name, shared, 0, Text($"rows with the same '{column.Name}' mostly share their answer, and {shared:P0} of the test rows have one that training knows. Where new rows will bring new ones, --set split.group={column.Name} keeps each in one part.")));
        }
        return (giveaways, identifiers, groups);
    }

    private static string Told(AuditedTarget target, string column, double score, bool isIdentifier)
        => target.IsClass ? Text($"'{column}' alone tells {score:P1} of the classes{(isIdentifier ? ", although it has another value in every row" : "")} (chance {target.Chance:P0}). If it is not known before the answer is, leave it out (--exclude {column}).")
            : Text($"'{column}' alone explains {score:P1} of the target's variance. If it is not known before the answer is, leave it out (--exclude {column}).");

    // Groups that the draw keeps together can only meet in given files.
    private static ColumnFinding? Declared(Table train, Table validation, Table test, string name)
    {
        if (!train.TryGet(name, out _)) return null;
        var parts = new[] { ("test", test), ("validation", validation) }.Where(p => p.Item2.TryGet(name, out _)).Select(p => (Name: p.Item1, p.Item2.Rows, Share: Shared(train, p.Item2, name))).Where(p => p.Share > 0).ToList();
        return parts.Count == 0 ? null : new ColumnFinding(name, parts[0].Share, 0, string.Join(" and ", parts.Select(p => Text($"{p.Share * p.Rows:N0} {p.Name} rows have a '{name}' that is also among the training rows"))) + ": the scores flatter. Divide the files by it.");
    }

    private static double Shared(Table train, Table other, string name)
    {
        if (other.Rows == 0 || !other.TryGet(name, out var column)) return 0;
        var own = train[name];
        var known = Enumerable.Range(0, own.Rows).Where(row => !own.IsMissing(row)).Select(own.Text).ToHashSet(StringComparer.Ordinal);
        return Enumerable.Range(0, column.Rows).Count(row => !column.IsMissing(row) && known.Contains(column.Text(row))) / (double)other.Rows;
    }

    private static Table Sample(Table table, int most)
        => table.Rows <= most ? table : table.Select([.. Enumerable.Range(0, most).Select(i => (int)((long)i * table.Rows / most))]);

    private static int Distinct(Column column) => column switch
    {
        TextColumn text => text.Codes.Where(c => c >= 0).Distinct().Count(),
        NumericColumn numbers => numbers.Values.Where(v => !double.IsNaN(v)).Distinct().Count(),
        DateColumn dates => dates.Milliseconds.Where(m => m != DateColumn.Missing).Distinct().Count(),
        _ => 0,
    };

    private static bool IsFreeText(Column column) => column is TextColumn text && text.Dictionary.Length > 0 && text.Dictionary.Take(200).Count(w => w.Count(c => c == ' ') >= 3) * 2 > Math.Min(200, text.Dictionary.Length);

    // Measurements differ in every row, too; a number that counts rows is whole, and grows in the order of the file or names its rows.
    private static bool IsCountedOrNamed(Column column)
    {
        if (column is not NumericColumn numbers) return column is TextColumn;
        var known = numbers.Values.Where(v => !double.IsNaN(v)).ToList();
        return known.All(v => v == Math.Floor(v)) && known.Zip(known.Skip(1)).Count(p => p.Second > p.First) >= 0.99 * (known.Count - 1);
    }

    /// <summary>Ranks in bins of a few rows, so that any smooth dependence shows; equal values share a bin, missing ones have their own.</summary>
    private static int[] Bins(Column column, int rows)
    {
        var keys = new int[rows];
        int[] known = [.. Enumerable.Range(0, rows).Where(row => !column.IsMissing(row))];
        if (column is TextColumn text) Array.Sort(Array.ConvertAll(known, row => text.Dictionary[text.Codes[row]]), known, StringComparer.Ordinal);
        else Array.Sort(Array.ConvertAll(known, row => column is NumericColumn numbers ? numbers.Values[row] : ((DateColumn)column).Milliseconds[row]), known);
        var bins = Math.Clamp(known.Length / RowsOfBin, 1, MostBins);
        for (var i = 0; i < known.Length; i++)
            keys[known[i]] = i > 0 && column.Text(known[i]) == column.Text(known[i - 1]) ? keys[known[i - 1]] : 1 + (int)((long)i * bins / known.Length);
        return keys;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
