using System.Text.Json;

namespace Attune.Text.PostProcessors;

/// <summary>Reads the post-processor of a tokenizer.json.</summary>
internal static class PostProcessingJson
{
    public static PostProcessing Read(ComponentJson json) => json.Type switch
    {
        "BertProcessing" => new BertProcessing(json.TokenAndId("sep"), json.TokenAndId("cls")),
        "ByteLevel" => new ByteLevelProcessing(json.Flag("trim_offsets", true), json.Flag("add_prefix_space", true)),
        "RobertaProcessing" => new RobertaProcessing(json.TokenAndId("sep"), json.TokenAndId("cls"), json.Flag("trim_offsets", true), json.Flag("add_prefix_space", true)),
        "Sequence" => ReadSequence(json),
        "TemplateProcessing" => ReadTemplate(json),
        _ => throw json.UnknownType("post-processor", "BertProcessing", "ByteLevel", "RobertaProcessing", "Sequence", "TemplateProcessing"),
    };

    private static PostProcessingSequence ReadSequence(ComponentJson json)
    {
        var members = json.Objects("processors").Select(Read).ToList();
        if (members.Count(m => m.AddedTokens(isPair: true) > 0) > 1) throw json.Error("Two post-processors of a sequence put tokens in, which no row can follow. Keep one of them.");
        return new(members);
    }

    private static TemplateProcessing ReadTemplate(ComponentJson json)
    {
        var tokens = new Dictionary<string, IReadOnlyList<(string, int)>>();
        if (json.Has("special_tokens"))
        {
            if (json.Member("special_tokens").ValueKind != JsonValueKind.Object) throw json.Wrong("special_tokens", "an object");
            var all = json.Object("special_tokens")!.Value;
            foreach (var entry in json.Member("special_tokens").EnumerateObject()) tokens[entry.Name] = ReadTokens(all.Object(entry.Name) ?? throw all.Wrong(entry.Name, "an object"));
        }
        var single = ReadPieces(json, "single", tokens);
        if (single.Any(p => p.Sequence == 1)) throw json.Error("The template for one text names the second text (B). Correct post_processor.single.");
        return new(single, ReadPieces(json, "pair", tokens));
    }

    private static (string, int)[] ReadTokens(ComponentJson json)
    {
        var (ids, tokens) = (json.Items("ids").ToArray(), json.Items("tokens").ToArray());
        if (ids.Length != tokens.Length) throw json.Wrong("ids", "as many ids as tokens");
        return [.. ids.Zip(tokens, (id, token) =>
        {
            if (id.ValueKind != JsonValueKind.Number || !id.TryGetInt32(out var number) || number < 0) throw json.Wrong("ids", "a list of ids");
            if (token.ValueKind != JsonValueKind.String) throw json.Wrong("tokens", "a list of texts");
            return (json.StringOf(token, "tokens"), number);
        })];
    }

    private static List<RowLayout.Part> ReadPieces(ComponentJson json, string name, Dictionary<string, IReadOnlyList<(string, int)>> tokens)
    {
        var parts = new List<RowLayout.Part>();
        foreach (var piece in json.Objects(name))
        {
            if (piece.Object("Sequence") is { } text)
            {
                parts.Add(RowLayout.Text(text.Choice("id", ("A", 0), ("B", 1)), text.Number("type_id")));
                continue;
            }
            var special = piece.Object("SpecialToken") ?? throw piece.Wrong("Sequence", "Sequence or SpecialToken");
            if (!tokens.TryGetValue(special.Text("id"), out var found)) throw special.Wrong("id", "a name in special_tokens");
            parts.Add(RowLayout.Tokens(special.Number("type_id"), found));
        }
        return parts;
    }
}
