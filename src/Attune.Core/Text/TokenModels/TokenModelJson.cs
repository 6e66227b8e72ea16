using System.Text.Json;

namespace Attune.Text.TokenModels;

/// <summary>Reads the model of a tokenizer.json.</summary>
internal static class TokenModelJson
{
    public static TokenModel Read(ComponentJson json) => (json.TextOrNull("type") ?? Guess(json)) switch
    {
        "WordPiece" => new WordPiece(ReadVocabulary(json), json.TextOrNull("unk_token") ?? "[UNK]", json.TextOrNull("continuing_subword_prefix") ?? "##", json.NumberOrNull("max_input_chars_per_word") ?? 100),
        _ => throw json.UnknownType("model", "WordPiece"),
    };

    // Files of early versions name no type.
    private static string Guess(ComponentJson json)
        => json.Has("merges") ? "BPE" : json.Has("unk_id") ? "Unigram" : json.Has("continuing_subword_prefix") || json.Has("max_input_chars_per_word") ? "WordPiece" : "WordLevel";

    private static Vocabulary ReadVocabulary(ComponentJson json)
    {
        if (json.Member("vocab").ValueKind != JsonValueKind.Object) throw json.Wrong("vocab", "an object of tokens and ids");
        var entries = new List<(string, int)>();
        foreach (var entry in json.Member("vocab").EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.Number || !entry.Value.TryGetInt32(out var id) || id < 0) throw json.Wrong($"vocab.{entry.Name}", "an id");
            entries.Add((entry.Name, id));
        }
        return new(entries);
    }
}
