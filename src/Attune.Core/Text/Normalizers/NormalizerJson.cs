namespace Attune.Text.Normalizers;

/// <summary>Reads the normalizer of a tokenizer.json.</summary>
internal static class NormalizerJson
{
    public static Normalizer Read(ComponentJson json) => json.Type switch
    {
        "BertNormalizer" => new BertNormalizer(json.Flag("clean_text"), json.Flag("handle_chinese_chars"), json.Has("strip_accents") ? json.Flag("strip_accents") : null, json.Flag("lowercase")),
        _ => throw json.UnknownType("normalizer", "BertNormalizer"),
    };
}
