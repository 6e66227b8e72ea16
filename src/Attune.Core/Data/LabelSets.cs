namespace Attune.Data;

/// <summary>
/// Which labels each row of a table has (any number of them), read from columns of 0 and 1, one a label, or from one column whose cells hold the labels themselves
/// ("cat;dog"; an empty cell is a row without labels).
/// </summary>
public sealed class LabelSets
{
    private static readonly string[] Yes = ["true", "yes"], No = ["false", "no"];

    private LabelSets(IReadOnlyList<string> labels, float[] values, bool[] missing) => (Labels, Values, Missing) = (labels, values, missing);

    /// <summary>Label names in order, K of them.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>1 where a row has a label, else 0; [R, K] row-major.</summary>
    public float[] Values { get; }

    /// <summary>True for rows of which nothing is known: every label column is empty there [R]. Never true for joined labels.</summary>
    public bool[] Missing { get; }

    /// <summary>Reads one column a label: 1, true or yes where the row has it, 0, false or no where not, in any case.</summary>
    /// <param name="table">Rows with the columns.</param>
    /// <param name="columns">Column names, which become the labels.</param>
    /// <exception cref="DataFormatException">A cell holds something else, or is empty while others of its row are not.</exception>
    public static LabelSets OfColumns(Table table, IReadOnlyList<string> columns)
    {
        var values = new float[(long)table.Rows * columns.Count];
        var missing = new bool[table.Rows];
        Column[] cells = [.. columns.Select(name => table[name])];
        for (var row = 0; row < missing.Length; row++) missing[row] = Array.TrueForAll(cells, column => column.IsMissing(row));
        for (var k = 0; k < columns.Count; k++)
        {
            var column = cells[k];
            var words = (column as TextColumn)?.Dictionary.Select(Flag).ToArray();
            var numbers = (column as NumericColumn)?.Values;
            for (var row = 0; row < missing.Length; row++)
            {
                if (missing[row]) continue;
                if (column.IsMissing(row))
                {
                    throw new DataFormatException(table.Source, table.LineOfRow?.Invoke(row), columns[k],
                        "The cell is empty, while other labels of the row are given. Whether the row has this label has to be known: write 1 or 0, or remove the row.");
                }
                var flag = numbers is not null ? (numbers[row] is 0 or 1 ? (float)numbers[row] : null)
                    : words is not null ? words[((TextColumn)column).Codes[row]] : Flag(column.Text(row));
                if (flag is not { } value)
                {
                    throw new DataFormatException(table.Source, table.LineOfRow?.Invoke(row), columns[k],
                        $"The cell '{column.Text(row)}' does not say whether the row has this label; 1 or 0 (true or false, yes or no) is expected. "
                        + "Several target columns are learned as labels. For classes or numbers name one target column, and train a model for each.");
                }
                values[row * columns.Count + k] = value;
            }
        }
        return new LabelSets(columns, values, missing);
    }

    /// <summary>Reads labels that are joined in one column; white space around a label is not part of it, and naming a label twice is naming it once.</summary>
    /// <param name="table">Rows with the column.</param>
    /// <param name="column">The column.</param>
    /// <param name="separator">What stands between two labels.</param>
    /// <param name="known">The labels to look for; null takes all that occur, ordinally sorted.</param>
    /// <exception cref="DataFormatException">A cell names a label that is not known.</exception>
    public static LabelSets OfJoined(Table table, string column, string separator, IReadOnlyList<string>? known = null)
    {
        var cells = table[column];
        var text = cells as TextColumn;
        var parts = text?.Dictionary.Select(word => Split(word, separator)).ToArray();
        var sets = new string[table.Rows][];
        for (var row = 0; row < sets.Length; row++) sets[row] = cells.IsMissing(row) ? [] : parts is not null ? parts[text!.Codes[row]] : Split(cells.Text(row), separator);
        var labels = known ?? [.. sets.SelectMany(set => set).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var place = labels.Select((name, k) => (name, k)).ToDictionary(l => l.name, l => l.k, StringComparer.Ordinal);
        var values = new float[(long)table.Rows * labels.Count];
        for (var row = 0; row < sets.Length; row++)
        {
            foreach (var label in sets[row])
            {
                if (!place.TryGetValue(label, out var k))
                {
                    throw new DataFormatException(table.Source, table.LineOfRow?.Invoke(row), column,
                        $"The label '{label}' is not one of the {labels.Count} labels seen in training ({NearestName.Preview(labels)}).{NearestName.Hint(label, labels)} Fix the row, or retrain with it in the training split.");
                }
                values[row * labels.Count + k] = 1;
            }
        }
        return new LabelSets(labels, values, new bool[table.Rows]);
    }

    /// <summary>Rows that have label <paramref name="k"/>.</summary>
    public int Count(int k)
    {
        var count = 0;
        for (var i = k; i < Values.Length; i += Labels.Count) count += Values[i] != 0 ? 1 : 0;
        return count;
    }

    private static string[] Split(string cell, string separator) => cell.Split(separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static float? Flag(string text)
    {
        text = text.Trim();
        if (Yes.Contains(text, StringComparer.OrdinalIgnoreCase)) return 1;
        if (No.Contains(text, StringComparer.OrdinalIgnoreCase)) return 0;
        return double.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number) && number is 0 or 1 ? (float)number : null;
    }
}
