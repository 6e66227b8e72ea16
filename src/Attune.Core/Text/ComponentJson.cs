using System.Text.Json;

namespace Attune.Text;

/// <summary>An object of a tokenizer file, with its place for messages.</summary>
internal readonly struct ComponentJson(string file, string place, JsonElement element)
{
    /// <summary>The member <c>type</c>.</summary>
    public string Type => Text("type");

    public bool IsNull => element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    public JsonElement Element => element;

    public string Text(string name) => Member(name) is { ValueKind: JsonValueKind.String } value ? StringOf(value, name) : throw Wrong(name, "a text");

    public string? TextOrNull(string name) => Has(name) ? Text(name) : null;

    /// <summary>A text of one code point.</summary>
    public string Character(string name)
        => Text(name) is { Length: > 0 } text && AlignedText.UnitsAt(text, 0) == text.Length ? text : throw Wrong(name, "one character");

    public bool Flag(string name) => Member(name).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(name, "true or false"),
    };

    public bool Flag(string name, bool otherwise) => Has(name) ? Flag(name) : otherwise;

    public int Number(string name)
        => Member(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number) && number >= 0 ? number : throw Wrong(name, "a whole number from 0 to 2147483647");

    public int? NumberOrNull(string name) => Has(name) ? Number(name) : null;

    public T Choice<T>(string name, params (string Text, T Value)[] choices)
    {
        var text = Text(name);
        foreach (var (known, value) in choices)
        {
            if (known == text) return value;
        }
        throw Wrong(name, "one of " + string.Join(", ", choices.Select(c => c.Text)));
    }

    /// <summary>A member that is an object, or null where it is missing or null.</summary>
    public ComponentJson? Object(string name)
    {
        if (!Has(name)) return null;
        return Member(name).ValueKind == JsonValueKind.Object ? new(file, $"{place}.{name}", Member(name)) : throw Wrong(name, "an object");
    }

    /// <summary>The objects of a list; none where it is missing or null.</summary>
    public IEnumerable<ComponentJson> Objects(string name)
    {
        if (!Has(name)) yield break;
        foreach (var (i, item) in Items(name).Index())
        {
            if (item.ValueKind != JsonValueKind.Object) throw Wrong($"{name}[{i}]", "an object");
            yield return new(file, $"{place}.{name}[{i}]", item);
        }
    }

    public JsonElement.ArrayEnumerator Items(string name) => Member(name) is { ValueKind: JsonValueKind.Array } value ? value.EnumerateArray() : throw Wrong(name, "a list");

    /// <summary>A member that is a list of a token and its id.</summary>
    public (string Token, int Id) TokenAndId(string name)
        => Member(name) is { ValueKind: JsonValueKind.Array } pair && pair.GetArrayLength() == 2 && pair[0].ValueKind == JsonValueKind.String
            && pair[1].ValueKind == JsonValueKind.Number && pair[1].TryGetInt32(out var id) && id >= 0 ? (StringOf(pair[0], name), id) : throw Wrong(name, "a token and its id");

    public bool Has(string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    public JsonElement Member(string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    /// <summary>The text of a JSON string; an error where it has half of a surrogate pair.</summary>
    public string StringOf(JsonElement value, string name)
    {
        try { return value.GetString()!; }
        catch (InvalidOperationException e) { throw Error($"{Place(name)} is no valid Unicode text. Save the tokenizer again.", e); }
    }

    /// <summary>The name of a member; an error where it has half of a surrogate pair.</summary>
    public string NameOf(JsonProperty member, string name)
    {
        try { return member.Name; }
        catch (InvalidOperationException e) { throw Error($"A name in {Place(name)} is no valid Unicode text. Save the tokenizer again.", e); }
    }

    public DataFormatException Wrong(string name, string expected)
        => Error($"{Place(name)} is {Describe(Member(name))}; expected {expected}. Is this a tokenizer.json of the tokenizers library, complete and unchanged?");

    public DataFormatException Error(string problem, Exception? inner = null) => new(file, null, null, problem, inner);

    /// <summary>An error for a component whose type is none of <paramref name="known"/>.</summary>
    public DataFormatException UnknownType(string kind, params string[] known)
        => Error($"{place}.type is '{Type}', which is no {kind} that Attune knows ({string.Join(", ", known)}).");

    private string Place(string name) => $"{place}.{name}";

    private static string Describe(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Undefined) return "missing";
        var text = value.GetRawText();
        return text.Length <= 60 ? text : text[..60] + "…";
    }
}
