using System.Runtime.ExceptionServices;
using Attune.Data;
using Attune.Encoding;
using Attune.Text;

namespace Attune.Prediction;

/// <summary>One text a row, or a pair of texts, as token ids.</summary>
/// <param name="Tokenizer">From text to ids.</param>
/// <param name="TextColumns">The column of the text; a second one makes pairs. Columns of texts that stand apart may be up to three.</param>
/// <param name="Settings">Length and graph inputs.</param>
public sealed record TextInputs(Tokenizer Tokenizer, IReadOnlyList<ColumnSchema> TextColumns, TextSettings Settings) : ModelInputs
{
    /// <summary>True when each column is a text of its own, with an output of its own; false when two columns are read as one pair.</summary>
    public bool IsApart { get; init; }

    /// <summary>Encodes a table's rows; words with an output each, and texts that stand apart, are units.</summary>
    /// <param name="table">Rows with the text columns.</param>
    /// <param name="targets">What should be learned; null for predictions.</param>
    /// <param name="counts">What was cut and what was empty.</param>
    /// <exception cref="DataFormatException">A column is missing.</exception>
    public EncodedSet Encode(Table table, Targets? targets, out TextCounts counts)
    {
        var sequences = Tokenize(table, out counts);
        int[]? starts = sequences.PerRow == 1 ? sequences.SelectedStarts : [.. Enumerable.Range(0, table.Rows + 1).Select(row => row * sequences.PerRow)];
        return new EncodedSet(table.Rows, InputsOf(sequences), targets, starts);
    }

    /// <summary>Encodes texts, one a row.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="counts">What was cut and what was empty.</param>
    public EncodedSet Encode(IReadOnlyList<string> texts, out TextCounts counts) => new(texts.Count, InputsOf(TokenizeApart(texts, 1, out counts)));

    /// <summary>Tokenizes the texts of a table; a missing cell is an empty text. Where words have an output each, the first token of every word is chosen.</summary>
    /// <param name="table">Rows with the text columns.</param>
    /// <param name="counts">What was cut and what was empty.</param>
    /// <exception cref="DataFormatException">A column is missing.</exception>
    public TokenSequences Tokenize(Table table, out TextCounts counts)
    {
        var (texts, pairs) = TextsOf(table);
        if (IsApart) return TokenizeApart(texts, TextColumns.Count, out counts);
        if (Settings.SelectsWords)
        {
            var (rows, words) = TokenizeWords(table);
            counts = new TextCounts(rows.Count(e => e.IsTruncated), texts.Count(string.IsNullOrWhiteSpace), rows.Sum(e => (long)e.Ids.Length));
            return SequencesOf(rows, 1, words);
        }
        var encoded = Tokenizer.EncodeBatch(texts, pairs, new EncodeOptions { MaxLength = Settings.MaxLength });
        counts = new TextCounts(encoded.Count(e => e.IsTruncated), texts.Count(string.IsNullOrWhiteSpace), encoded.Sum(e => (long)e.Ids.Length));
        return SequencesOf(encoded, 1);
    }

    /// <summary>Encodes the words of each row, and says which token stands for which of them.</summary>
    /// <param name="table">Rows with the text column, and <see cref="TokenColumns.Tokens"/> where words were given.</param>
    public (TokenEncoding[] Encoded, IReadOnlyList<WordToken>[] Words) TokenizeWords(Table table)
    {
        var texts = table[TextColumns[0].Name];
        table.TryGet(TokenColumns.Tokens, out var tokens);
        var options = new EncodeOptions { MaxLength = Settings.MaxLength };
        var (encoded, words) = (new TokenEncoding[table.Rows], new IReadOnlyList<WordToken>[table.Rows]);
        try
        {
            Parallel.For(0, table.Rows, row =>
            {
                var given = tokens is null || tokens.IsMissing(row) ? null : WordList.Read(tokens.Text(row));
                encoded[row] = given is null ? Tokenizer.Encode(texts.Text(row), null, options) : Tokenizer.EncodeWords(given, null, options);
                words[row] = WordToken.Of(encoded[row], given is null ? texts.Text(row) : null);
            });
        }
        catch (AggregateException e) { ExceptionDispatchInfo.Throw(e.InnerExceptions[0]); }
        return (encoded, words);

    }

    /// <summary>The text of each sequence, in the order of <see cref="Tokenize"/>, and the second texts of pairs; null without pairs.</summary>
    /// <param name="table">Rows with the text columns.</param>
    /// <exception cref="DataFormatException">A column is missing.</exception>
    public (string[] Texts, string[]? Pairs) TextsOf(Table table)
    {
        if (!IsApart) return (TextsOf(table[TextColumns[0].Name]), TextColumns.Count > 1 ? TextsOf(table[TextColumns[1].Name]) : null);
        var perRow = TextColumns.Count;
        var texts = new string[checked(table.Rows * perRow)];
        for (var i = 0; i < perRow; i++)
        {
            var column = table[TextColumns[i].Name];
            for (var row = 0; row < table.Rows; row++) texts[row * perRow + i] = column.Text(row);
        }
        return (texts, null);
    }

    private TokenSequences TokenizeApart(IReadOnlyList<string> texts, int perRow, out TextCounts counts)
    {
        var encoded = Tokenizer.EncodeBatch(texts, null, new EncodeOptions { MaxLength = Settings.MaxLength });
        counts = new TextCounts(encoded.Count(e => e.IsTruncated), texts.Count(string.IsNullOrWhiteSpace), encoded.Sum(e => (long)e.Ids.Length));
        return SequencesOf(encoded, perRow);
    }

    /// <summary>Encoded texts as sequences; <paramref name="perRow"/> of them make a row.</summary>
    /// <param name="encoded">The texts.</param>
    /// <param name="perRow">Texts of a row.</param>
    /// <param name="words">The words of each text that have an output each; null where the texts have one.</param>
    public TokenSequences SequencesOf(IReadOnlyList<TokenEncoding> encoded, int perRow, IReadOnlyList<WordToken>[]? words = null)
    {
        if (words is null) return SequencesOf(encoded, perRow, null, null);
        var selectedStarts = new int[words.Length + 1];
        for (var i = 0; i < words.Length; i++) selectedStarts[i + 1] = selectedStarts[i] + words[i].Count;
        return SequencesOf(encoded, perRow, [.. words.SelectMany(row => row.Select(word => word.Position))], selectedStarts);
    }

    /// <summary>Encoded texts as sequences of which some tokens have an output each.</summary>
    /// <param name="encoded">The texts.</param>
    /// <param name="perRow">Texts of a row.</param>
    /// <param name="selected">Places of these tokens within their text; null where the texts have an output.</param>
    /// <param name="selectedStarts">First of them of each text [S + 1]; null with <paramref name="selected"/>.</param>
    internal TokenSequences SequencesOf(IReadOnlyList<TokenEncoding> encoded, int perRow, int[]? selected, int[]? selectedStarts)
    {
        var starts = new long[encoded.Count + 1];
        for (var i = 0; i < encoded.Count; i++) starts[i + 1] = starts[i] + encoded[i].Ids.Length;
        var ids = new int[starts[^1]];
        var types = Settings.Fields.Any(f => f.Value == TokenField.Types) && encoded.Any(e => e.TypeIds.AsSpan().ContainsAnyExcept(0)) ? new byte[starts[^1]] : null;
        for (var i = 0; i < encoded.Count; i++)
        {
            encoded[i].Ids.CopyTo(ids, starts[i]);
            for (var t = 0; types is not null && t < encoded[i].TypeIds.Length; t++) types[starts[i] + t] = (byte)encoded[i].TypeIds[t];
        }
        return new TokenSequences(perRow, ids, types, starts, Settings.Padding, selected, selectedStarts);
    }

    /// <summary>The graph's inputs over sequences.</summary>
    public IReadOnlyList<EncodedInput> InputsOf(TokenSource source) => [.. Settings.Fields.Select(f => new TokenInput(f.Key, f.Value, source))];

    private static string[] TextsOf(Column column)
    {
        var texts = new string[column.Rows];
        for (var row = 0; row < texts.Length; row++) texts[row] = column.Text(row);
        return texts;
    }
}

/// <summary>What tokenizing met.</summary>
/// <param name="Truncated">Texts that were longer than the network takes, or than was asked for.</param>
/// <param name="Empty">Texts without a letter.</param>
/// <param name="Tokens">Tokens of all texts.</param>
public sealed record TextCounts(int Truncated, int Empty, long Tokens);
