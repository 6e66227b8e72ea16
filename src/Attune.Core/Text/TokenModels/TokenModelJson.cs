using System.Text.Json;

namespace Attune.Text.TokenModels;

/// <summary>Reads the model of a tokenizer.json.</summary>
internal static class TokenModelJson
{
    private const int LargestId = 1 << 30;

    public static TokenModel Read(ComponentJson json) => (json.TextOrNull("type") ?? Guess(json)) switch
    {
        "BPE" => ReadBpe(json),
        "Unigram" => ReadUnigram(json),
        "WordLevel" => new WordLevel(ReadVocabulary(json), json.TextOrNull("unk_token") ?? "<unk>"),
        "WordPiece" => new WordPiece(ReadVocabulary(json), json.TextOrNull("unk_token") ?? "[UNK]", json.TextOrNull("continuing_subword_prefix") ?? "##", json.NumberOrNull("max_input_chars_per_word") ?? 100),
        _ => throw json.UnknownType("model", "BPE", "Unigram", "WordLevel", "WordPiece"),
    };

    /// <summary>The merges of a byte-pair model as ids.</summary>
    /// <exception cref="KeyNotFoundException">A token that merges is not in the vocabulary; the message is that token.</exception>
    public static BpeMerges Merges(IEnumerable<(string Left, string Right)> merges, Vocabulary vocabulary, string? continuingPrefix)
    {
        int Id(string token) => vocabulary.TokenToId(token) ?? throw new KeyNotFoundException(token);
        var prefix = continuingPrefix?.Length ?? 0;
        return new([.. merges.Select(m => (Id(m.Left), Id(m.Right), Id(m.Left + (prefix <= m.Right.Length ? m.Right[prefix..] : throw new KeyNotFoundException(m.Right)))))]);
    }

    // Files of early versions name no type.
    private static string Guess(ComponentJson json)
        => json.Has("merges") ? "BPE" : json.Has("unk_id") ? "Unigram" : json.Has("continuing_subword_prefix") || json.Has("max_input_chars_per_word") ? "WordPiece" : "WordLevel";

    private static Vocabulary ReadVocabulary(ComponentJson json)
    {
        if (json.Member("vocab").ValueKind != JsonValueKind.Object) throw json.Wrong("vocab", "an object of tokens and ids");
        var entries = new List<(string, int)>();
        foreach (var entry in json.Member("vocab").EnumerateObject())
        {
            var name = json.NameOf(entry, "vocab");
            if (entry.Value.ValueKind != JsonValueKind.Number || !entry.Value.TryGetInt32(out var id) || id is < 0 or > LargestId) throw json.Wrong($"vocab.{name}", $"ids from 0 to {LargestId}");
            entries.Add((name, id));
        }
        return new(entries);
    }

    private static Bpe ReadBpe(ComponentJson json)
    {
        if (json.Has("dropout") && json.Member("dropout") is { ValueKind: JsonValueKind.Number } dropout && dropout.TryGetDouble(out var rate) && rate != 0)
            throw json.Error("The model has dropout, so that the same text has other tokens each time. Set model.dropout to null.");
        var options = new BpeOptions
        {
            UnknownToken = json.TextOrNull("unk_token"),
            ContinuingPrefix = json.TextOrNull("continuing_subword_prefix"),
            EndOfWordSuffix = json.TextOrNull("end_of_word_suffix"),
            FuseUnknown = json.Flag("fuse_unk", false),
            ByteFallback = json.Flag("byte_fallback", false),
            IgnoreMerges = json.Flag("ignore_merges", false),
        };
        var vocabulary = ReadVocabulary(json);
        try { return new(vocabulary, Merges(ReadMerges(json), vocabulary, options.ContinuingPrefix), options); }
        catch (KeyNotFoundException e) { throw json.Error($"The merges make or use the token '{e.Message}', which is not in the vocabulary. The file was cut or put together wrongly; download it again.", e); }
    }

    // Two forms: ["a b"] and [["a", "b"]].
    private static IEnumerable<(string Left, string Right)> ReadMerges(ComponentJson json)
    {
        foreach (var (i, merge) in json.Items("merges").Index())
        {
            if (merge.ValueKind == JsonValueKind.String)
            {
                var text = json.StringOf(merge, "merges");
                if (text.StartsWith("#version", StringComparison.Ordinal)) continue;
                var space = text.IndexOf(' ', StringComparison.Ordinal);
                if (space < 0 || text.IndexOf(' ', space + 1) >= 0) throw json.Wrong($"merges[{i}]", "two tokens with a space between");
                yield return (text[..space], text[(space + 1)..]);
            }
            else if (merge.ValueKind == JsonValueKind.Array && merge.GetArrayLength() == 2 && merge[0].ValueKind == JsonValueKind.String && merge[1].ValueKind == JsonValueKind.String)
            {
                yield return (json.StringOf(merge[0], "merges"), json.StringOf(merge[1], "merges"));
            }
            else
            {
                throw json.Wrong($"merges[{i}]", "two tokens");
            }
        }
    }

    private static Unigram ReadUnigram(ComponentJson json)
    {
        var pieces = new List<(string, double)>();
        foreach (var (i, piece) in json.Items("vocab").Index())
        {
            if (piece.ValueKind != JsonValueKind.Array || piece.GetArrayLength() != 2 || piece[0].ValueKind != JsonValueKind.String || piece[1].ValueKind != JsonValueKind.Number
                || !piece[1].TryGetDouble(out var score) || !double.IsFinite(score)) throw json.Wrong($"vocab[{i}]", "a piece and its score");
            pieces.Add((json.StringOf(piece[0], "vocab"), score));
        }
        var unknown = json.NumberOrNull("unk_id");
        if (unknown >= pieces.Count) throw json.Wrong("unk_id", $"an id below {pieces.Count}");
        return new(pieces, unknown, json.Flag("byte_fallback", false));
    }
}
