using Attune.Data;

namespace Attune.Evaluation;

/// <summary>What a person needs to recognise a row: where its picture or document lies, or the first of its values.</summary>
/// <param name="Path">File that the row stands for; null for a row of a table.</param>
/// <param name="Values">Cells by column; null for a file.</param>
public sealed record RowView(string? Path, IReadOnlyDictionary<string, string>? Values)
{
    private const int MostColumns = 6, MostLetters = 60;

    /// <summary>Views of a table's rows: the path where the rows stand for files, else the first six of the given columns, long cells cut at 60 letters.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="columns">Columns that a person would look at, in order.</param>
    /// <param name="pathColumn">The column of paths; null when rows are not files.</param>
    public static Func<int, RowView> Of(Table rows, IReadOnlyList<string> columns, string? pathColumn = null)
    {
        if (pathColumn is not null) return row => new RowView(rows[pathColumn].Text(row), null);
        var shown = columns.Take(MostColumns).Select(name => rows[name]).ToList();
        return row => new RowView(null, shown.ToDictionary(column => column.Name, column => Cut(column.Text(row)), StringComparer.Ordinal));
    }

    private static string Cut(string text) => text.Length <= MostLetters ? text : text[..MostLetters] + "…";
}
