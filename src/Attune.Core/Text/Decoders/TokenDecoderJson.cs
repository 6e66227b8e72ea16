namespace Attune.Text.Decoders;

/// <summary>Reads the decoder of a tokenizer.json.</summary>
internal static class TokenDecoderJson
{
    public static TokenDecoder Read(ComponentJson json) => json.Type switch
    {
        "WordPiece" => new WordPieceDecoder(json.TextOrNull("prefix") ?? "##", json.Flag("cleanup", true)),
        _ => throw json.UnknownType("decoder", "WordPiece"),
    };
}
