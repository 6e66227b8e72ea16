using System.Globalization;
using System.Text;
using System.Text.Json;
using Attune.Text;

namespace Attune.Data;

/// <summary>
/// Reads tagged texts: JSON Lines of <c>{"tokens": [...], "tags": [...]}</c>, or <c>{"text": "...", "entities": [{"start": 0, "end": 4, "label": "LOC"}]}</c> with offsets in UTF-16 units, the
/// end exclusive; both kinds may stand in one file, and other keys are passed over. What becomes of a text is known only with a tokenizer: its words are the tokenizer's, and an
/// entity is the words that it touches. The table has the columns of <see cref="TokenColumns"/>.
/// </summary>
public sealed class TokenTable
{
    private readonly string _path;
    private readonly Tokenizer _tokenizer;
    private readonly EncodeOptions _options;
    private readonly List<(string Text, string? Tokens, string[]? Tags, long Line)> _rows = [];
    private int _withoutWords, _cutWords, _cutRows, _shifted, _emptied;

    private TokenTable(string path, Tokenizer tokenizer, int maxLength) => (_path, _tokenizer, _options) = (path, tokenizer, new EncodeOptions { MaxLength = maxLength });

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="maxLength">Tokens of a text that the model reads at most; what stands beyond has no tags.</param>
    /// <param name="labelled">Whether tags are read; without, they are not looked at.</param>
    /// <exception cref="DataFormatException">A line is no such object; names file, line and key.</exception>
    public static Table Read(string path, Tokenizer tokenizer, int maxLength, bool labelled)
    {
        if (!File.Exists(path)) throw new DataFormatException(path, null, null, "There is no such file. Tagged texts are one file of JSON Lines.");
        var reader = new TokenTable(path, tokenizer, maxLength);
        var line = 0L;
        try
        {
            foreach (var text in File.ReadLines(path, new UTF8Encoding(false, throwOnInvalidBytes: true)))
            {
                line++;
                if (!string.IsNullOrWhiteSpace(text)) reader.Add(text, line, labelled);
            }
        }
        catch (DecoderFallbackException e)
        {
            throw new DataFormatException(path, line + 1, null, "The file is no UTF-8 here or soon after. Save it as UTF-8.", e);
        }
        return reader.ToTable(labelled);
    }

    private void Add(string json, long line, bool labelled)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var row = document.RootElement;
            if (row.ValueKind != JsonValueKind.Object) throw Bad(line, null, $"The line holds {Kind(row)}; an object with \"tokens\" and \"tags\", or \"text\" and \"entities\", was expected.");
            if (row.TryGetProperty("tokens", out var tokens)) AddWords(Strings(tokens, line, "tokens"), labelled ? Strings(Find(row, "tags", line), line, "tags") : null, line, labelled);
            else if (row.TryGetProperty("text", out var text)) AddText(StringOf(text, line, "text"), labelled ? Find(row, "entities", line) : null, line);
            else throw Bad(line, null, "The object has neither \"tokens\" nor \"text\".");
        }
        catch (JsonException e)
        {
            throw Bad(line, null, string.Create(CultureInfo.InvariantCulture, $"The line is no JSON, at byte {e.BytePositionInLine + 1}. Each line has to hold one whole object."), e);
        }
        catch (InvalidOperationException e)   // half a surrogate pair, which is no text
        {
            throw Bad(line, null, $"A text of the line cannot be read: {e.Message}", e);
        }
        catch (TokenizationException e) { throw Bad(line, null, e.Message, e); }
    }

    private void AddWords(string[] words, string[]? tags, long line, bool labelled)
    {
        if (tags is not null && tags.Length != words.Length) throw Bad(line, "tags", $"There are {words.Length} tokens and {tags.Length} tags; each token needs one.");
        if (tags is not null && Array.IndexOf(tags, "") >= 0) throw Bad(line, "tags", $"A tag is empty; words outside of entities have the tag {Iob.Outside}.");
        string[]? known = null;
        if (labelled)
        {
            var found = WordToken.Of(_tokenizer.EncodeWords(words, null, _options), null);
            Cut(words.Length - found.Count);
            known = [.. found.Select(word => tags![word.Word])];
        }
        Keep(string.Join(' ', words), WordList.Write(words), known, line);
    }

    private void AddText(string text, JsonElement? entities, long line)
    {
        string[]? tags = null;
        if (entities is { } given)
        {
            var spans = Spans(given, text, line);
            var encoded = _tokenizer.Encode(text, null, _options);
            if (encoded.IsTruncated) _cutRows++;
            tags = TagsOf(WordToken.Of(encoded, text), spans);
        }
        Keep(text, null, tags, line);
    }

    private void Cut(int words)
    {
        if (words == 0) return;
        _cutWords += words;
        _cutRows++;
    }

    private void Keep(string text, string? tokens, string[]? tags, long line)
    {
        if (tags is { Length: 0 }) _withoutWords++;
        else _rows.Add((text, tokens, tags, line));
    }

    private string[] TagsOf(IReadOnlyList<WordToken> words, List<(int Start, int End, string Label)> spans)
    {
        var tags = new string[words.Count];
        Array.Fill(tags, Iob.Outside);
        var word = 0;
        foreach (var (start, end, label) in spans)
        {
            while (word < words.Count && words[word].End <= start) word++;
            var (first, last) = (word, word - 1);
            for (; word < words.Count && words[word].Start < end; last = word++) tags[word] = word == first ? "B-" + label : "I-" + label;
            if (last < first) _emptied++;
            else if (words[first].Start != start || words[last].End != end) _shifted++;
        }
        return tags;
    }

    private List<(int Start, int End, string Label)> Spans(JsonElement entities, string text, long line)
    {
        if (entities.ValueKind != JsonValueKind.Array) throw Bad(line, "entities", $"Has to be an array; it is {Kind(entities)}.");
        var spans = new List<(int Start, int End, string Label)>();
        foreach (var entity in entities.EnumerateArray())
        {
            if (entity.ValueKind != JsonValueKind.Object) throw Bad(line, "entities", $"Holds {Kind(entity)}; objects with start, end and label were expected.");
            var (start, end) = (Offset(entity, "start", line), Offset(entity, "end", line));
            var label = StringOf(Find(entity, "label", line), line, "label");
            if (label.Length == 0) throw Bad(line, "entities", "A label is empty.");
            if (start < 0 || end <= start || end > text.Length) throw Bad(line, "entities", $"An entity '{label}' goes from {start} to {end} (exclusive) in a text of {text.Length} characters; that is no piece of it.");
            spans.Add((start, end, label));
        }
        spans.Sort((a, b) => a.Start.CompareTo(b.Start));
        for (var i = 1; i < spans.Count; i++)
        {
            if (spans[i].Start < spans[i - 1].End) throw Bad(line, "entities", $"'{spans[i - 1].Label}' ({spans[i - 1].Start} to {spans[i - 1].End}) and '{spans[i].Label}' ({spans[i].Start} to {spans[i].End}) overlap; a word has one tag. Keep one of them.");
        }
        return spans;
    }

    private int Offset(JsonElement entity, string key, long line)
        => Find(entity, key, line) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var value) ? value : throw Bad(line, key, "Has to be a whole number.");

    private JsonElement Find(JsonElement row, string key, long line)
        => row.TryGetProperty(key, out var value) ? value : throw Bad(line, key, $"\"{key}\" is missing.");

    private string[] Strings(JsonElement array, long line, string key)
        => array.ValueKind == JsonValueKind.Array ? [.. array.EnumerateArray().Select(item => StringOf(item, line, key))] : throw Bad(line, key, $"Has to be an array of strings; it is {Kind(array)}.");

    private string StringOf(JsonElement value, long line, string key)
        => value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Bad(line, key, $"Has to be {(key is "tokens" or "tags" ? "an array of strings" : "a string")}; found {Kind(value)}.");

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };

    private DataFormatException Bad(long line, string? key, string problem, Exception? inner = null) => new(_path, line, key, problem, inner);

    private Table ToTable(bool labelled)
    {
        if (_rows.Count == 0) throw new DataFormatException(_path, null, null, _withoutWords > 0 ? "No row has a word that the tokenizer knows as one." : "The file holds no rows.");
        var notices = new List<string>();
        void Notice(int count, FormattableString text)
        {
            if (count > 0) notices.Add(text.ToString(CultureInfo.InvariantCulture));
        }
        if (labelled && Iob.Is(_rows.SelectMany(r => r.Tags!).Distinct(StringComparer.Ordinal)))
        {
            var repaired = _rows.Sum(r => Iob.Repair(r.Tags!));
            Notice(repaired, $"{repaired:N0} tags I- that continue no entity are read as B-.");
        }
        Notice(_withoutWords, $"{_withoutWords:N0} rows have no words and are left out.");
        Notice(_cutRows, $"{_cutRows:N0} texts have {(_cutWords > 0 ? string.Create(CultureInfo.InvariantCulture, $"{_cutWords:N0} ") : "")}words beyond the {_options.MaxLength} tokens that are read, or that the tokenizer makes nothing of; these are neither learned nor judged.");
        Notice(_emptied, $"{_emptied:N0} entities hold no word that is read and are left out.");
        Notice(_shifted, $"{_shifted:N0} entities begin or end within a word of the tokenizer; the whole word is taken.");
        List<Column> columns = [TextColumn.Of(TokenColumns.Text, _rows.Select(r => (string?)r.Text)), TextColumn.Of(TokenColumns.Tokens, _rows.Select(r => r.Tokens))];
        if (labelled)
        {
            columns.Add(TextColumn.Of(TokenColumns.Tags, _rows.Select(r => (string?)WordList.Write(r.Tags!))));
            columns.Add(TextColumn.Of(TokenColumns.Types, _rows.Select(r => (string?)string.Join(TokenColumns.TypeSeparator, r.Tags!.Select(Iob.TypeOf).Where(t => t.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)))));
        }
        long[] lines = [.. _rows.Select(r => r.Line)];
        return new Table(_path, _rows.Count, columns)
        {
            LineOfRow = row => lines[row],
            Schema = [.. columns.Select(c => new ColumnSchema(c.Name, c.Name == TokenColumns.Types ? ColumnKind.Category : ColumnKind.Text, "tagged texts"))],
            Notices = notices,
        };
    }
}
