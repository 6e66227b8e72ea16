using Attune.Data;
using Attune.Graphs;

namespace Attune.Encoding;

/// <summary>
/// Base of the encoders of words: a list of known categories in code-point order, rare ones that share a bucket, and a rule for missing cells.
/// Words are compared by code unit, never trimmed or folded; only an empty cell is missing (a category called None or NA is a category).
/// </summary>
public abstract class CategoryEncoder : ColumnEncoder
{
    private readonly Dictionary<string, int> _codes = new(StringComparer.Ordinal);

    private protected CategoryEncoder(string column, IReadOnlyList<string> categories, IReadOnlyList<string> infrequent, bool hasMissing, int firstCode) : base(column)
    {
        (Categories, Infrequent, HasMissing) = (categories, infrequent, hasMissing);
        for (var i = 0; i < categories.Count; i++) Add(categories[i], firstCode + i);
        foreach (var word in infrequent) Add(word, InfrequentCode);
    }

    /// <summary>Categories with a place of their own, in code-point order.</summary>
    public IReadOnlyList<string> Categories { get; }

    /// <summary>Training categories too rare for a place of their own, in code-point order; they share the bucket that unknown ones fall into.</summary>
    public IReadOnlyList<string> Infrequent { get; }

    /// <summary>True when the column had missing cells in training: missing is then a category of its own.</summary>
    public bool HasMissing { get; }

    /// <inheritdoc/>
    public override DataType InputType => DataType.String;

    /// <summary>Code of the rare training words.</summary>
    internal abstract int InfrequentCode { get; }

    /// <summary>Code of a word that training did not have.</summary>
    internal abstract int UnknownCode { get; }

    /// <summary>Code of a missing cell.</summary>
    internal abstract int MissingCode { get; }

    /// <summary>Appends ai.onnx.ml LabelEncoder: [N, 1] string → [N, 1] int64 codes.</summary>
    private protected Value AppendCodes(GraphBuilder graph, Value rawInput)
    {
        string[] words = [.. Categories, .. Infrequent, ""];
        var codes = new long[words.Length];
        for (var i = 0; i < codes.Length; i++) codes[i] = words[i].Length == 0 ? MissingCode : _codes[words[i]];
        return graph.Node("LabelEncoder", [rawInput],
            Attributes.Of(("keys_strings", words), ("values_int64s", codes), ("default_int64", (long)UnknownCode)), "ai.onnx.ml");
    }

    internal override Column Accept(Column column, string source, Func<int, long>? lineOfRow) => AsText(column);

    /// <summary>Any column as words: numbers and dates by their invariant text.</summary>
    internal static TextColumn AsText(Column column)
    {
        if (column is TextColumn text) return text;
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var codes = new int[column.Rows];
        for (var row = 0; row < codes.Length; row++)
        {
            if (column.IsMissing(row)) codes[row] = -1;
            else if (!places.TryGetValue(column.Text(row), out codes[row])) places.Add(column.Text(row), codes[row] = places.Count);
        }
        return new TextColumn(column.Name, codes, [.. places.Keys]);
    }

    // A word that training did not have is kept as ~UnknownCode, so that it can be counted.
    internal override int[] Map(Column column)
    {
        var words = ((TextColumn)column).Dictionary;
        var map = new int[words.Length];
        for (var i = 0; i < map.Length; i++)
            map[i] = words[i].Length == 0 ? MissingCode : _codes.TryGetValue(words[i], out var code) ? code : ~UnknownCode;
        return map;
    }

    /// <summary>Code of one cell of a text column.</summary>
    private protected int Code(TextColumn column, int[] map, int row, ref long missing, ref long unknown)
    {
        var word = column.Codes[row];
        if (word < 0 || column.Dictionary[word].Length == 0)
        {
            missing++;
            return MissingCode;
        }
        if (map[word] >= 0) return map[word];
        unknown++;
        return ~map[word];
    }

    private void Add(string word, int code)
    {
        if (string.IsNullOrEmpty(word)) throw new ArgumentException($"Column '{Column}' has an empty category; an empty cell is missing.");
        if (!_codes.TryAdd(word, code)) throw new ArgumentException($"Column '{Column}' has the category '{word}' twice.");
    }
}
