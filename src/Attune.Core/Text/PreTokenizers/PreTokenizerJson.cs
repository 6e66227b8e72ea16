namespace Attune.Text.PreTokenizers;

/// <summary>Reads the pre-tokenizer of a tokenizer.json.</summary>
internal static class PreTokenizerJson
{
    public static PreTokenizer Read(ComponentJson json) => json.Type switch
    {
        "BertPreTokenizer" => new BertPreTokenizer(),
        "ByteLevel" => new ByteLevelPreTokenizer(json.Flag("add_prefix_space"), json.Flag("use_regex", true)),
        "CharDelimiterSplit" or "Delimiter" => new SplitPreTokenizer(new LiteralPattern(json.Character("delimiter")), SplitBehavior.Removed),
        "Digits" => SplitPreTokenizer.Digits(json.Flag("individual_digits")),
        "FixedLength" => new FixedLengthPreTokenizer(json.NumberOrNull("length") is not 0 and var length ? length ?? 5 : throw json.Wrong("length", "a number from 1")),
        "Metaspace" => new MetaspacePreTokenizer(Replacement(json), Prepend(json), json.Flag("split", true)),
        "Punctuation" => SplitPreTokenizer.Punctuation(json.Has("behavior") ? Behavior(json) : SplitBehavior.Isolated),
        "Sequence" => new PreTokenizerSequence([.. json.Objects("pretokenizers").Select(Read)]),
        "Split" => new SplitPreTokenizer(SplitPatternJson.Read(json), Behavior(json), json.Flag("invert")),
        "UnicodeScripts" => new UnicodeScriptsPreTokenizer(),
        "Whitespace" => SplitPreTokenizer.Whitespace(),
        "WhitespaceSplit" => SplitPreTokenizer.WhitespaceSplit(),
        _ => throw json.UnknownType("pre-tokenizer", "BertPreTokenizer", "ByteLevel", "CharDelimiterSplit", "Digits", "FixedLength", "Metaspace", "Punctuation", "Sequence", "Split",
            "UnicodeScripts", "Whitespace", "WhitespaceSplit"),
    };

    /// <summary>The one character that stands for a space.</summary>
    public static char Replacement(ComponentJson json)
        => json.Character("replacement") is [var c] ? c : throw json.Wrong("replacement", "one character up to U+FFFF");

    public static MetaspacePrepend Prepend(ComponentJson json)
    {
        var scheme = json.Has("prepend_scheme") ? json.Choice("prepend_scheme", ("always", MetaspacePrepend.Always), ("first", MetaspacePrepend.First), ("never", MetaspacePrepend.Never)) : (MetaspacePrepend?)null;
        if (json.Flag("add_prefix_space", true)) return scheme ?? MetaspacePrepend.Always;
        return scheme is null or MetaspacePrepend.Never ? MetaspacePrepend.Never : throw json.Wrong("prepend_scheme", "never, as add_prefix_space is false");
    }

    private static SplitBehavior Behavior(ComponentJson json)
        => json.Choice("behavior", [.. Enum.GetValues<SplitBehavior>().Select(b => (b.ToString(), b))]);
}
