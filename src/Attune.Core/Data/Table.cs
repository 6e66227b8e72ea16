using System.Diagnostics.CodeAnalysis;

namespace Attune.Data;

/// <summary>Typed columns of equal length, in memory, in the file's row order.</summary>
public sealed class Table
{
    private readonly Dictionary<string, Column> _byName = new(StringComparer.Ordinal);

    /// <summary>A table of the given columns.</summary>
    /// <param name="source">Where the rows came from, as the user named it; for messages.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Columns, each with <paramref name="rows"/> values and a name of its own.</param>
    /// <exception cref="ArgumentException">A column is shorter, longer, or named twice.</exception>
    public Table(string source, int rows, IReadOnlyList<Column> columns)
    {
        (Source, Rows, Columns) = (source, rows, columns);
        foreach (var column in columns)
        {
            if (column.Rows != rows) throw new ArgumentException($"Column '{column.Name}' has {column.Rows} rows; the table has {rows}.", nameof(columns));
            if (!_byName.TryAdd(column.Name, column)) throw new ArgumentException($"Two columns are called '{column.Name}'.", nameof(columns));
        }
    }

    /// <summary>Where the rows came from, as the user named it.</summary>
    public string Source { get; }

    /// <summary>Number of rows R.</summary>
    public int Rows { get; }

    /// <summary>The columns in file order.</summary>
    public IReadOnlyList<Column> Columns { get; }

    /// <summary>Physical line (1-based) of a row in its text file, for messages; null when the source has no lines.</summary>
    public Func<int, long>? LineOfRow { get; init; }

    /// <summary>Name, kind and reason of every column, in the order of <see cref="Columns"/>; empty for a table that was built by hand.</summary>
    public IReadOnlyList<ColumnSchema> Schema { get; init; } = [];

    /// <summary>What the reader noticed and a person should know ("column 'price' is read as words: line 2 holds '1,200.50'").</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];

    /// <summary>The column called <paramref name="name"/>.</summary>
    /// <exception cref="DataFormatException">There is none; names the nearest.</exception>
    public Column this[string name] => _byName.TryGetValue(name, out var column)
        ? column
        : throw new DataFormatException(Source, null, null,
            $"There is no column '{name}'.{NearestName.Hint(name, _byName.Keys)} The columns are {NearestName.Preview(_byName.Keys)}.");

    /// <summary>Finds a column.</summary>
    public bool TryGet(string name, [MaybeNullWhen(false)] out Column column) => _byName.TryGetValue(name, out column);

    /// <summary>The given rows as a new table, in the given order.</summary>
    public Table Select(ReadOnlySpan<int> rows)
    {
        var kept = rows.ToArray();
        var columns = new Column[Columns.Count];
        for (var i = 0; i < columns.Length; i++) columns[i] = Columns[i].Select(kept);
        return new Table(Source, kept.Length, columns)
        {
            LineOfRow = LineOfRow is { } line ? row => line(kept[row]) : null,
            Schema = Schema,
            Notices = Notices,
        };
    }
}

/// <summary>One column of a <see cref="Table"/>.</summary>
public abstract class Column(string name)
{
    /// <summary>Name in the file's header.</summary>
    public string Name { get; } = name;

    /// <summary>Number of rows.</summary>
    public abstract int Rows { get; }

    /// <summary>True where the cell is empty.</summary>
    public abstract bool IsMissing(int row);

    /// <summary>The given rows as a new column.</summary>
    public abstract Column Select(ReadOnlySpan<int> rows);

    /// <summary>The cell as text in the invariant culture; "" when missing.</summary>
    public abstract string Text(int row);
}

/// <summary>Real numbers; NaN is missing. Infinities never occur.</summary>
public sealed class NumericColumn(string name, double[] values) : Column(name)
{
    /// <summary>The values [R]; NaN is missing.</summary>
    public double[] Values { get; } = values;

    /// <inheritdoc/>
    public override int Rows => Values.Length;

    /// <inheritdoc/>
    public override bool IsMissing(int row) => double.IsNaN(Values[row]);

    /// <inheritdoc/>
    public override Column Select(ReadOnlySpan<int> rows)
    {
        var selected = new double[rows.Length];
        for (var i = 0; i < rows.Length; i++) selected[i] = Values[rows[i]];
        return new NumericColumn(Name, selected);
    }

    /// <inheritdoc/>
    public override string Text(int row) => IsMissing(row) ? "" : Values[row].ToString("R", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Text with few or many distinct values (categories, booleans, free text), kept as codes into a dictionary.</summary>
public sealed class TextColumn(string name, int[] codes, string[] dictionary) : Column(name)
{
    /// <summary>A column of the given cells; empty ones are missing.</summary>
    /// <param name="name">Name of the column.</param>
    /// <param name="cells">One a row.</param>
    public static TextColumn Of(string name, IEnumerable<string?> cells)
    {
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        int[] codes = [.. cells.Select(cell => string.IsNullOrEmpty(cell) ? -1 : known.TryGetValue(cell, out var code) ? code : known[cell] = known.Count)];
        return new TextColumn(name, codes, [.. known.Keys]);
    }

    /// <summary>Index into <see cref="Dictionary"/> per row [R]; -1 is missing.</summary>
    public int[] Codes { get; } = codes;

    /// <summary>Distinct values in order of first appearance; may hold values that no row of this selection uses.</summary>
    public string[] Dictionary { get; } = dictionary;

    /// <inheritdoc/>
    public override int Rows => Codes.Length;

    /// <inheritdoc/>
    public override bool IsMissing(int row) => Codes[row] < 0;

    /// <inheritdoc/>
    public override Column Select(ReadOnlySpan<int> rows)
    {
        var selected = new int[rows.Length];
        for (var i = 0; i < rows.Length; i++) selected[i] = Codes[rows[i]];
        return new TextColumn(Name, selected, Dictionary);
    }

    /// <inheritdoc/>
    public override string Text(int row) => Codes[row] < 0 ? "" : Dictionary[Codes[row]];
}

/// <summary>Points in time, Unix milliseconds UTC; <see cref="Missing"/> is missing.</summary>
public sealed class DateColumn(string name, long[] milliseconds) : Column(name)
{
    /// <summary>The value that stands for a missing cell.</summary>
    public const long Missing = long.MinValue;

    /// <summary>Unix milliseconds [R].</summary>
    public long[] Milliseconds { get; } = milliseconds;

    /// <inheritdoc/>
    public override int Rows => Milliseconds.Length;

    /// <inheritdoc/>
    public override bool IsMissing(int row) => Milliseconds[row] == Missing;

    /// <inheritdoc/>
    public override Column Select(ReadOnlySpan<int> rows)
    {
        var selected = new long[rows.Length];
        for (var i = 0; i < rows.Length; i++) selected[i] = Milliseconds[rows[i]];
        return new DateColumn(Name, selected);
    }

    /// <inheritdoc/>
    public override string Text(int row) => IsMissing(row)
        ? ""
        : DateTimeOffset.FromUnixTimeMilliseconds(Milliseconds[row]).ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
