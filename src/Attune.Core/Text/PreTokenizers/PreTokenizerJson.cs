namespace Attune.Text.PreTokenizers;

/// <summary>Reads the pre-tokenizer of a tokenizer.json.</summary>
internal static class PreTokenizerJson
{
    public static PreTokenizer Read(ComponentJson json) => json.Type switch
    {
        "BertPreTokenizer" => new BertPreTokenizer(),
        _ => throw json.UnknownType("pre-tokenizer", "BertPreTokenizer"),
    };
}
