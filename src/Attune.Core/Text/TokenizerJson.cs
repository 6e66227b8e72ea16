using System.Text.Json;
using Attune.Text.Decoders;
using Attune.Text.Normalizers;
using Attune.Text.PostProcessors;
using Attune.Text.PreTokenizers;
using Attune.Text.TokenModels;

namespace Attune.Text;

/// <summary>Reads the tokenizer.json of the tokenizers library.</summary>
internal static class TokenizerJson
{
    /// <exception cref="DataFormatException">The bytes are no tokenizer.json, or name a component that is not known.</exception>
    public static TokenizerParts Read(byte[] bytes, string file)
    {
        using var document = Parse(bytes, file);
        var json = new ComponentJson(file, "tokenizer", document.RootElement);
        var model = json.Object("model") ?? throw json.Wrong("model", "an object");
        return new(TokenModelJson.Read(model))
        {
            Normalizer = json.Object("normalizer") is { } normalizer ? NormalizerJson.Read(normalizer) : null,
            PreTokenizer = json.Object("pre_tokenizer") is { } preTokenizer ? PreTokenizerJson.Read(preTokenizer) : null,
            PostProcessing = json.Object("post_processor") is { } postProcessor ? PostProcessingJson.Read(postProcessor) : null,
            Decoder = json.Object("decoder") is { } decoder ? TokenDecoderJson.Read(decoder) : null,
            AddedTokens = [.. json.Objects("added_tokens").Select(ReadAddedToken)],
            StoredOptions = ReadOptions(json.Object("truncation"), json.Object("padding")),
        };
    }

    /// <summary>Options as the objects <c>truncation</c> and <c>padding</c> say.</summary>
    public static EncodeOptions ReadOptions(ComponentJson? truncation, ComponentJson? padding)
    {
        var options = new EncodeOptions();
        if (truncation is { } cut)
        {
            options = options with
            {
                MaxLength = cut.Number("max_length"),
                Stride = cut.NumberOrNull("stride") ?? 0,
                Truncation = cut.Choice("strategy", ("LongestFirst", TruncationStrategy.LongestFirst), ("OnlyFirst", TruncationStrategy.OnlyFirst), ("OnlySecond", TruncationStrategy.OnlySecond)),
                TruncationSide = cut.Has("direction") ? Side(cut) : TextSide.Right,
            };
        }
        if (padding is not { } pad) return options;
        int? fixedLength = pad.Member("strategy").ValueKind == JsonValueKind.Object ? pad.Object("strategy")!.Value.Number("Fixed") : null;
        if (fixedLength is null) pad.Choice("strategy", ("BatchLongest", 0));
        return options with
        {
            Padding = fixedLength is null ? PaddingStrategy.Longest : PaddingStrategy.Fixed,
            PadToLength = fixedLength,
            PadToMultipleOf = pad.NumberOrNull("pad_to_multiple_of"),
            PaddingSide = Side(pad),
            PadId = pad.Number("pad_id"),
            PadTypeId = pad.Number("pad_type_id"),
            PadToken = pad.Text("pad_token"),
        };
    }

    private static TextSide Side(ComponentJson json) => json.Choice("direction", ("Right", TextSide.Right), ("Left", TextSide.Left));

    private static AddedToken ReadAddedToken(ComponentJson json)
    {
        var special = json.Flag("special", false);
        return new(json.Text("content"), json.Number("id"), json.Flag("single_word", false), json.Flag("lstrip", false), json.Flag("rstrip", false), json.Flag("normalized", !special), special);
    }

    /// <summary>A JSON file.</summary>
    /// <exception cref="DataFormatException">The bytes are no valid JSON.</exception>
    public static JsonDocument Parse(byte[] bytes, string file)
    {
        try { return JsonDocument.Parse(WithoutMark(bytes)); }
        catch (JsonException e) { throw new DataFormatException(file, e.LineNumber + 1, null, $"This is no valid JSON: {e.Message.Split(" LineNumber")[0]} Was the file cut off, or saved as something else?", e); }
    }

    private static ReadOnlyMemory<byte> WithoutMark(byte[] bytes) => bytes is [0xEF, 0xBB, 0xBF, ..] ? bytes.AsMemory(3) : bytes;
}
