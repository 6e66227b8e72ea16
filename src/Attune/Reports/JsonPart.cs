using System.Text.Json;

namespace Attune.Reports;

/// <summary>A value inside a JSON file of a run, which knows where it stands: a field of another type than expected is a damaged file, not a crash.</summary>
internal readonly record struct JsonPart(string File, string Path, JsonElement Element, long? Line = null)
{
    /// <summary>Whether the value is there and not null.</summary>
    public bool Exists => Element.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    /// <summary>A field; one that does not exist when it is missing.</summary>
    public JsonPart this[string name]
    {
        get
        {
            var path = Path.Length == 0 ? name : Path + "." + name;
            if (!Exists) return this with { Path = path, Element = default };
            Demand(JsonValueKind.Object, "an object");
            return this with { Path = path, Element = Element.TryGetProperty(name, out var value) ? value : default };
        }
    }

    /// <summary>Text; null when missing.</summary>
    public string? Text => Of(JsonValueKind.String, "text") ? Element.GetString() : null;

    /// <summary>A number; null when missing.</summary>
    public double? Number => Of(JsonValueKind.Number, "a number") ? Element.GetDouble() : null;

    /// <summary>A number that has to be there.</summary>
    public double Required => Number ?? throw Damaged("a number");

    /// <summary>The fields of an object; none when missing.</summary>
    public IEnumerable<(string Name, JsonPart Value)> Fields
    {
        get
        {
            if (!Of(JsonValueKind.Object, "an object")) yield break;
            foreach (var inner in Element.EnumerateObject()) yield return (inner.Name, this with { Path = Path.Length == 0 ? inner.Name : Path + "." + inner.Name, Element = inner.Value });
        }
    }

    /// <summary>The items of a list; none when missing.</summary>
    public IEnumerable<JsonPart> Items
    {
        get
        {
            if (!Of(JsonValueKind.Array, "a list")) yield break;
            foreach (var item in Element.EnumerateArray()) yield return this with { Element = item };
        }
    }

    /// <summary>The value as a person would type it.</summary>
    public string Display => Element.ValueKind switch
    {
        JsonValueKind.String => Element.GetString()!,
        JsonValueKind.Undefined or JsonValueKind.Null => "none",
        JsonValueKind.Array => string.Join(", ", Items.Select(i => i.Display)),
        _ => Element.GetRawText(),
    };

    /// <summary>What to throw when the value makes no sense.</summary>
    public DataFormatException Damaged(string expected) => new(File, Line, null, $"'{Path}' has to be {expected}; the file is damaged.");

    private bool Of(JsonValueKind kind, string expected)
    {
        if (!Exists) return false;
        Demand(kind, expected);
        return true;
    }

    private void Demand(JsonValueKind kind, string expected)
    {
        if (Element.ValueKind != kind) throw Damaged(expected);
    }
}
