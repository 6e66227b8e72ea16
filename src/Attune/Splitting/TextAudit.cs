using System.Globalization;
using Attune.Data;

namespace Attune.Splitting;

/// <summary>
/// Texts that nearly stand in two splits: seven tenths of their shingles are common (Jaccard). Candidates share one of 16 bands of 4 sketch hashes, and are then compared exactly; time grows with the number of texts, not of pairs.
/// </summary>
internal static class TextAudit
{
    /// <summary>Share of common shingles from which texts count as nearly equal.</summary>
    public const double Near = 0.7;

    private const int Bands = 16, MostCandidates = 8, MostExamples = 5;

    /// <summary>Texts over all text columns among the features; rows that were found otherwise are passed over.</summary>
    /// <param name="train">Training rows.</param>
    /// <param name="validation">Validation rows.</param>
    /// <param name="test">Test rows.</param>
    /// <param name="features">Columns that are learned from.</param>
    /// <param name="found">Rows (1 validation, 2 test; row) that are copies already.</param>
    public static DuplicateReport Find(Table train, Table validation, Table test, IReadOnlyList<string> features, IReadOnlySet<(int Split, int Row)> found)
    {
        string[] columns = [.. features.Where(name => train[name] is TextColumn text && IsText(train, text))];
        if (columns.Length == 0) return new DuplicateReport(0, 0, []);
        Table[] tables = [train, validation, test];
        var sketches = Array.ConvertAll(tables, table => Sketches(table, columns));
        var examples = new List<string>();
        var inTest = Matches(tables, sketches, columns, 2, found, examples);
        var inValidation = Matches(tables, sketches, columns, 1, found, examples);
        return new DuplicateReport(inTest, inValidation, examples);
    }

    private static bool IsText(Table table, TextColumn column)
        => table.Schema.FirstOrDefault(c => c.Name == column.Name)?.Kind == ColumnKind.Text || column.Dictionary.Take(200).Count(w => w.Count(c => c == ' ') >= 3) * 2 > Math.Min(200, column.Dictionary.Length);

    private static string TextOf(Table table, string[] columns, int row) => columns.Length == 1 ? table[columns[0]].Text(row) : string.Join(' ', columns.Select(name => table[name].Text(row)));

    private static ulong[]?[] Sketches(Table table, string[] columns)
    {
        var sketches = new ulong[]?[table.Rows];
        Parallel.For(0, table.Rows, row => sketches[row] = TextSketches.Sketch(TextSketches.Shingles(TextOf(table, columns, row))));
        return sketches;
    }

    // Rows of a split among those of the splits before it.
    private static int Matches(Table[] tables, ulong[]?[][] sketches, string[] columns, int split, IReadOnlySet<(int Split, int Row)> found, List<string> examples)
    {
        var candidates = new List<(int Split, int Row)>?[tables[split].Rows];
        for (var band = 0; band < Bands; band++)
        {
            var known = new Dictionary<ulong, (int Split, int Row)>();
            for (var other = 0; other < split; other++)
            {
                for (var row = 0; row < sketches[other].Length; row++)
                {
                    if (sketches[other][row] is { } sketch) known.TryAdd(Band(sketch, band), (other, row));
                }
            }
            for (var row = 0; row < candidates.Length; row++)
            {
                if (sketches[split][row] is not { } sketch || found.Contains((split, row)) || !known.TryGetValue(Band(sketch, band), out var match)) continue;
                var own = candidates[row] ??= [];
                if (own.Count < MostCandidates && !own.Contains(match)) own.Add(match);
            }
        }
        var matches = new (int Split, int Row)?[candidates.Length];
        Parallel.For(0, candidates.Length, row =>
        {
            if (candidates[row] is not { } others) return;
            var own = TextSketches.Shingles(TextOf(tables[split], columns, row));
            foreach (var other in others)
            {
                if (TextSketches.Jaccard(own, TextSketches.Shingles(TextOf(tables[other.Split], columns, other.Row))) < Near) continue;
                matches[row] = other;
                break;
            }
        });
        foreach (var (row, match) in matches.Index().Where(m => m.Item is not null))
        {
            if (examples.Count == MostExamples) break;
            examples.Add(string.Create(CultureInfo.InvariantCulture, $"{(split == 2 ? "test" : "validation")} row {LeakageAudit.Place(tables[split], row)} ≈ {(match!.Value.Split == 0 ? "training" : "validation")} row {LeakageAudit.Place(tables[match.Value.Split], match.Value.Row)}"));
        }
        return matches.Count(m => m is not null);
    }

    private static ulong Band(ulong[] sketch, int band)
    {
        var hash = (ulong)band;
        for (var i = 0; i < TextSketches.Bins / Bands; i++) hash = TextSketches.Mix(hash ^ sketch[band * (TextSketches.Bins / Bands) + i]);
        return hash;
    }
}
