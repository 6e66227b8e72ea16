using System.Text;

namespace Attune.Text.Normalizers;

/// <summary>Reads the normalizer of a tokenizer.json.</summary>
internal static class NormalizerJson
{
    public static Normalizer Read(ComponentJson json) => json.Type switch
    {
        "BertNormalizer" => new BertNormalizer(json.Flag("clean_text"), json.Flag("handle_chinese_chars"), json.Has("strip_accents") ? json.Flag("strip_accents") : null, json.Flag("lowercase")),
        "ByteLevel" => new ByteLevelNormalizer(),
        "Lowercase" => new LowercaseNormalizer(),
        "NFC" => new UnicodeNormalizer(NormalizationForm.FormC),
        "NFD" => new UnicodeNormalizer(NormalizationForm.FormD),
        "NFKC" => new UnicodeNormalizer(NormalizationForm.FormKC),
        "NFKD" => new UnicodeNormalizer(NormalizationForm.FormKD),
        "Nmt" => FilterNormalizer.Nmt(),
        "Precompiled" => ReadCharsMap(json),
        "Prepend" => new PrependNormalizer(json.Text("prepend")),
        "Replace" => new ReplaceNormalizer(SplitPatternJson.Read(json), json.Text("content")),
        "Sequence" => new NormalizerSequence([.. json.Objects("normalizers").Select(Read)]),
        "Strip" => new StripNormalizer(json.Flag("strip_left"), json.Flag("strip_right")),
        "StripAccents" => FilterNormalizer.StripAccents(),
        _ => throw json.UnknownType("normalizer", "BertNormalizer", "ByteLevel", "Lowercase", "NFC", "NFD", "NFKC", "NFKD", "Nmt", "Precompiled", "Prepend", "Replace", "Sequence", "Strip", "StripAccents"),
    };

    private static PrecompiledNormalizer ReadCharsMap(ComponentJson json)
    {
        try { return new(Convert.FromBase64String(json.Text("precompiled_charsmap"))); }
        catch (FormatException e) { throw json.Error($"The precompiled character map is damaged: {e.Message}. Download the tokenizer again.", e); }
    }
}
