using Attune.Data;

namespace Attune.Splitting;

/// <summary>What is to be learned, as far as a split has to know it: which columns, and how rows are drawn so that every part looks like the whole.</summary>
public sealed record SplitTarget
{
    private SplitTarget(IReadOnlyList<string> columns) => Columns = columns;

    /// <summary>The target columns.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>True when the target is one class a row.</summary>
    public bool IsClass { get; private init; }

    /// <summary>True when a row may have any number of labels.</summary>
    public bool IsLabels { get; private init; }

    /// <summary>What stands between labels in a cell; null when every label has a column of 0 and 1.</summary>
    public string? LabelSeparator { get; private init; }

    /// <summary>Columns whose equal cells keep rows in one part; null where whole rows have to be equal.</summary>
    public IReadOnlyList<string>? TogetherBy { get; private init; }

    /// <summary>The columns as a person names them.</summary>
    public string Name => string.Join(',', Columns);

    /// <summary>One class a row: classes keep their shares.</summary>
    public static SplitTarget Class(string column) => new([column]) { IsClass = true };

    /// <summary>No target: rows are drawn at random, and those with equal cells in some columns stay together.</summary>
    public static SplitTarget Together(IReadOnlyList<string> columns) => new([]) { TogetherBy = columns };

    /// <summary>One number a row: the tenths of its ranks keep their shares.</summary>
    public static SplitTarget Number(string column) => new([column]);

    /// <summary>Any number of labels a row, one column of 0 and 1 each: labels keep their shares, the rarest first.</summary>
    public static SplitTarget LabelColumns(IReadOnlyList<string> columns) => new(columns) { IsLabels = true };

    /// <summary>Any number of labels a row, joined in one column.</summary>
    public static SplitTarget JoinedLabels(string column, string separator) => new([column]) { IsLabels = true, LabelSeparator = separator };

    /// <summary>Whether nothing is known of a row. A row of joined labels is never missing: an empty cell is a row without labels.</summary>
    internal bool IsMissing(Table table, int row) => LabelSeparator is null && Columns.Count > 0 && Columns.All(name => table[name].IsMissing(row));

    /// <summary>The labels of a table's rows.</summary>
    internal LabelSets LabelsOf(Table table, IReadOnlyList<string>? known = null)
        => LabelSeparator is null ? LabelSets.OfColumns(table, Columns) : LabelSets.OfJoined(table, Columns[0], LabelSeparator, known);
}
