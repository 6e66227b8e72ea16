using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Attune.Data;

/// <summary>Turns the cells of one column into a typed column: numbers where every cell is one, else dates, else words.</summary>
internal sealed class ColumnReader(CellSource source, string file, IReadOnlyList<string> missingWords, Func<int, long?> lineOf)
{
    private static readonly SearchValues<byte> NumberBytes = SearchValues.Create("0123456789,.-"u8);

    private readonly Dictionary<int, Parsed> _parsed = [];
    private readonly byte[][] _missing = [.. missingWords.Select(System.Text.Encoding.UTF8.GetBytes)];

    /// <summary>One column and what a person should know about it.</summary>
    public readonly record struct Result(Column Column, ColumnSchema Schema, string? Notice);

    /// <summary>Reads a column and infers its kind, or reads it as <paramref name="wanted"/> and refuses cells that do not fit.</summary>
    public Result Read(int index, string name, ColumnKind? wanted) => wanted switch
    {
        null => Infer(index, name),
        ColumnKind.Numeric => Said(Numbers(index, name, strict: true, out _)!, ColumnKind.Numeric),
        ColumnKind.Date => Said(Dates(index, name), ColumnKind.Date),
        ColumnKind.Category or ColumnKind.Boolean or ColumnKind.Text => Said(Words(index, name, out _), wanted.Value),
        _ => Infer(index, name) is var inferred ? inferred with { Schema = inferred.Schema with { Kind = wanted.Value, Reason = "as set" } } : default,
    };

    /// <summary>Reads a column as words, as they stand in the file.</summary>
    public TextColumn AsWords(int index, string name) => Words(index, name, out _);

    /// <summary>Reads a column that its file declares as words: dates where every word is one, never numbers.</summary>
    public Result InferWords(int index, string name)
    {
        Column column = Words(index, name, out var distinct);
        if (LooksLikeDates(distinct)) column = Dates(index, name);
        return new(column, SchemaInference.Of(column), null);
    }

    private static Result Said(Column column, ColumnKind kind) => new(column, new ColumnSchema(column.Name, kind, "as set"), null);

    private Result Infer(int index, string name)
    {
        var numeric = Numbers(index, name, strict: false, out var codes);
        if (numeric is not null && !codes) return new(numeric, SchemaInference.Of(numeric), null);
        var words = Words(index, name, out var distinct);
        if (numeric is null && LooksLikeDates(distinct))
        {
            var dates = Dates(index, name);
            return new(dates, SchemaInference.Of(dates), null);
        }
        return new(words, SchemaInference.Of(words), codes && numeric is not null
            ? $"Column '{name}' is read as words: some of its whole numbers begin with 0, as codes do. Set its kind to numeric to read numbers."
            : Notice(index, name, distinct));
    }

    /// <summary>
    /// Parses the columns at <paramref name="indices"/> as numbers, rows in blocks and blocks in parallel, so that every byte of a row-wise
    /// source comes through the cache once. A column leaves at its first word.
    /// </summary>
    public void ParseNumbers(IReadOnlyList<int> indices, int threads)
    {
        var states = indices.Select(_ => new Parsed(source.Rows)).ToArray();
        for (var i = 0; i < states.Length; i++) _parsed[indices[i]] = states[i];
        void Block(long block)
        {
            Span<Cell> cells = new Cell[CellSource.BlockRows];
            for (var i = 0; i < states.Length; i++)
            {
                if (!states[i].IsWords) ParseBlock(states[i], indices[i], (int)block * CellSource.BlockRows, cells);
            }
        }
        var blocks = (source.Rows + CellSource.BlockRows - 1L) / CellSource.BlockRows;
        if (blocks > 0) Block(0);   // words show at once, mostly
        if (threads == 1) for (var block = 1L; block < blocks; block++) Block(block);
        else Parallel.For(1, Math.Max(1, blocks), new ParallelOptions { MaxDegreeOfParallelism = threads }, Block);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ParseBlock(Parsed state, int index, int first, Span<Cell> cells)
    {
        var count = source.Read(index, first, cells);
        var (notFinite, codes, numbers) = (-1, false, 0);
        for (var i = 0; i < count; i++)
        {
            ref var value = ref state.Values[first + i];
            var text = cells[i].Bytes;
            value = double.NaN;
            if (IsMissing(text)) continue;
            switch (NumberText.Parse(text, out value))
            {
                case NumberForm.Number:
                    numbers++;
                    break;
                case NumberForm.Code:
                    (numbers, codes) = (numbers + 1, true);
                    break;
                case NumberForm.NotFinite:
                    if (notFinite < 0) notFinite = first + i;
                    break;
                default:
                    if (IsBlank(text)) break;
                    state.MarkWords();
                    return;
            }
        }
        state.Add(numbers, codes, notFinite);
    }

    // Null when a cell is a word. A column of numbers with 'inf' among them is refused.
    private NumericColumn? Numbers(int index, string name, bool strict, out bool codes)
    {
        if (!_parsed.TryGetValue(index, out var state)) throw new InvalidOperationException($"Column {index} was not parsed.");
        codes = state.Codes;
        if (state.IsWords) return strict ? throw Misfit(index, name, FirstWord(index), "a number") : null;
        if (state.NotFinite == int.MaxValue) return new NumericColumn(name, state.Values);
        return state.Numbers > 0 || strict
            ? throw new DataFormatException(file, lineOf(state.NotFinite), name,
                $"The cell '{CellText(index, state.NotFinite)}' is not a finite number; a model cannot learn from it. Correct it, leave it empty, or list the word as missing.")
            : null;
    }

    private int FirstWord(int index)
    {
        var cells = new Cell[CellSource.BlockRows];
        for (var first = 0; first < source.Rows; first += cells.Length)
        {
            var count = source.Read(index, first, cells);
            for (var i = 0; i < count; i++)
            {
                var text = cells[i].Bytes;
                if (!IsMissing(text) && !IsBlank(text) && NumberText.Parse(text, out _) == NumberForm.Word) return first + i;
            }
        }
        return 0;
    }

    /// <summary>What the parallel pass found in one column.</summary>
    private sealed class Parsed(int rows)
    {
        private readonly Lock _lock = new();
        private volatile bool _isWords;

        public double[] Values { get; } = new double[rows];
        public bool IsWords => _isWords;
        public bool Codes { get; private set; }
        public int Numbers { get; private set; }
        public int NotFinite { get; private set; } = int.MaxValue;

        public void MarkWords() => _isWords = true;

        public void Add(int numbers, bool codes, int notFinite)
        {
            lock (_lock)
            {
                Numbers += numbers;
                Codes |= codes;
                if (notFinite >= 0) NotFinite = Math.Min(NotFinite, notFinite);
            }
        }
    }

    private TextColumn Words(int index, string name, out ByteDictionary distinct)
    {
        var codes = new int[source.Rows];
        distinct = new ByteDictionary();
        var cells = new Cell[CellSource.BlockRows];
        for (var first = 0; first < codes.Length; first += cells.Length)
        {
            var count = source.Read(index, first, cells);
            for (var i = 0; i < count; i++)
            {
                var text = cells[i].Bytes;
                codes[first + i] = IsMissing(text) ? -1 : distinct.Add(text);
            }
        }
        return new TextColumn(name, codes, distinct.ToStrings());
    }

    private DateColumn Dates(int index, string name)
    {
        var values = new long[source.Rows];
        var cells = new Cell[CellSource.BlockRows];
        for (var first = 0; first < values.Length; first += cells.Length)
        {
            var count = source.Read(index, first, cells);
            for (var i = 0; i < count; i++)
            {
                var text = cells[i].Bytes;
                if (IsMissing(text) || IsBlank(text)) values[first + i] = DateColumn.Missing;
                else if (!DateText.TryParse(text, out values[first + i])) throw Misfit(index, name, first + i, "an ISO date (2024-12-31 or 2024-12-31T23:59:59Z)");
            }
        }
        return new DateColumn(name, values);
    }

    private static bool LooksLikeDates(ByteDictionary distinct)
    {
        for (var i = 0; i < distinct.Count; i++) if (!DateText.TryParse(distinct[i], out _)) return false;
        return distinct.Count > 0;
    }

    private string? Notice(int index, string name, ByteDictionary distinct)
    {
        long numbers = 0, dates = 0, present = 0;
        var word = -1;
        for (var i = 0; i < distinct.Count; i++)
        {
            present += distinct.Counts[i];
            if (NumberText.Parse(distinct[i], out _) is NumberForm.Number or NumberForm.Code) numbers += distinct.Counts[i];
            else if (word < 0) word = i;
            if (DateText.LooksLikeDate(distinct[i])) dates += distinct.Counts[i];
        }
        if (word < 0) return null;
        var example = System.Text.Encoding.UTF8.GetString(distinct[word]);
        if (dates == present) return $"Column '{name}' is read as words: its dates, such as '{example}', do not say which number is the month. Write them as 2024-12-31.";
        if (numbers * 2 < present && !LooksLikeThousands(distinct[word])) return null;
        var line = lineOf(FirstRow(index, distinct[word])) is { } l ? string.Create(CultureInfo.InvariantCulture, $"line {l}") : "one cell";
        return string.Create(CultureInfo.InvariantCulture,
            $"Column '{name}' is read as words: {numbers:N0} of its {present:N0} cells are numbers, but {line} holds '{example}'. Write numbers without thousands separators or units, or list the word as missing.");
    }

    // 1,200.50 and 12,000: digits in groups of three
    private static bool LooksLikeThousands(ReadOnlySpan<byte> text)
    {
        var comma = text.IndexOf((byte)',');
        return comma is >= 1 and <= 3 && text.Length >= comma + 4 && text.IndexOfAnyExcept(NumberBytes) < 0;
    }

    private int FirstRow(int index, ReadOnlySpan<byte> text)
    {
        var cells = new Cell[CellSource.BlockRows];
        for (var first = 0; first < source.Rows; first += cells.Length)
        {
            var count = source.Read(index, first, cells);
            for (var i = 0; i < count; i++) if (cells[i].Bytes.SequenceEqual(text)) return first + i;
        }
        return 0;
    }

    private DataFormatException Misfit(int index, string name, int row, string expected) => new(file, lineOf(row), name,
        $"The cell '{CellText(index, row)}' is not {expected}, which this column should hold. Correct the cell, leave it empty, or set another kind for the column.");

    private string CellText(int index, int row)
    {
        var cells = new Cell[CellSource.BlockRows];
        var first = row / cells.Length * cells.Length;
        source.Read(index, first, cells);
        var text = cells[row - first].ToString();
        return text.Length > 60 ? text[..60] + "…" : text;
    }

    private bool IsMissing(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) return true;
        foreach (var word in _missing) if (text.SequenceEqual(word)) return true;
        return false;
    }

    private static bool IsBlank(ReadOnlySpan<byte> text) => text[0] is (byte)' ' or (byte)'\t' && NumberText.Trim(text).IsEmpty;
}
