using Attune.Text.PreTokenizers;

namespace Attune.Text.Decoders;

/// <summary>Reads the decoder of a tokenizer.json.</summary>
internal static class TokenDecoderJson
{
    public static TokenDecoder Read(ComponentJson json) => json.Type switch
    {
        "BPEDecoder" => new BpeDecoder(json.TextOrNull("suffix") ?? "</w>"),
        "ByteFallback" => new ByteFallbackDecoder(),
        "ByteLevel" => new ByteLevelDecoder(),
        "CTC" => new CtcDecoder(json.TextOrNull("pad_token") ?? "<pad>", json.TextOrNull("word_delimiter_token") ?? "|", json.Flag("cleanup", true)),
        "Fuse" => new FuseDecoder(),
        "Metaspace" => new MetaspaceDecoder(PreTokenizerJson.Replacement(json), PreTokenizerJson.Prepend(json) != MetaspacePrepend.Never),
        "Replace" => new ReplaceDecoder(SplitPatternJson.Read(json), json.Text("content")),
        "Sequence" => new TokenDecoderSequence([.. json.Objects("decoders").Select(Read)]),
        "Strip" => new StripDecoder(json.Character("content"), json.Number("start"), json.Number("stop")),
        "WordPiece" => new WordPieceDecoder(json.TextOrNull("prefix") ?? "##", json.Flag("cleanup", true)),
        _ => throw json.UnknownType("decoder", "BPEDecoder", "ByteFallback", "ByteLevel", "CTC", "Fuse", "Metaspace", "Replace", "Sequence", "Strip", "WordPiece"),
    };
}
