using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Attune.Options;

/// <summary>Option values as text, as JSON and as .NET objects, by type: text, numbers, flags, enums by kebab-case name, lists of text or whole numbers, maps of text.</summary>
internal static class OptionValue
{
    /// <summary>Parses one value; false with what was expected when it does not fit.</summary>
    public static bool TryParse(Type type, string text, out object? value, out string expected)
    {
        value = null;
        var target = Nullable.GetUnderlyingType(type) ?? type;
        expected = Describe(type);
        if (text is "null" or "~" || (text == "auto" && !target.IsEnum && target != typeof(string))) return target != type || !type.IsValueType;
        if (target == typeof(string)) value = text;
        else if (target == typeof(bool)) value = bool.TryParse(text, out var flag) ? flag : null;
        else if (target == typeof(int)) value = int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
        else if (target == typeof(long)) value = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var large) ? large : null;
        else if (target == typeof(double)) value = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real) ? real : null;
        else if (target.IsEnum) value = Array.IndexOf(Words(target), text) is >= 0 and var index ? Enum.GetValues(target).GetValue(index) : null;
        else return TryParseList(type, text.Trim('[', ']').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), out value, out expected);
        return value is not null;
    }

    /// <summary>Parses a list.</summary>
    public static bool TryParseList(Type type, string[] items, out object? value, out string expected)
    {
        expected = Describe(type);
        value = type == typeof(IReadOnlyList<string>) ? items : null;
        if (type != typeof(IReadOnlyList<int>)) return value is not null;
        var numbers = new int[items.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (!int.TryParse(items[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out numbers[i])) return false;
        }
        value = numbers;
        return true;
    }

    /// <summary>The value as JSON.</summary>
    public static JsonNode? ToJson(object? value) => value switch
    {
        null => null,
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        int number => JsonValue.Create(number),
        long number => JsonValue.Create(number),
        double number => JsonValue.Create(number),
        Enum word => JsonValue.Create(Word(word.ToString())),
        IReadOnlyList<string> list => new JsonArray([.. list.Select(v => JsonValue.Create(v))]),
        IReadOnlyList<int> list => new JsonArray([.. list.Select(v => JsonValue.Create(v))]),
        IReadOnlyDictionary<string, string> map => new JsonObject(map.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)JsonValue.Create(p.Value)))),
        _ => throw new ArgumentException($"An option cannot hold {value.GetType()}.", nameof(value)),
    };

    /// <summary>Reads what <see cref="ToJson"/> gave.</summary>
    /// <exception cref="JsonException">It is of another type.</exception>
    public static object? FromJson(JsonNode? node, Type type)
    {
        if (node is null) return type.IsValueType && Nullable.GetUnderlyingType(type) is null ? throw new JsonException($"{Describe(type)} is missing") : null;
        if (type == typeof(IReadOnlyDictionary<string, string>)) return node.AsObject().ToImmutableSortedDictionary(p => p.Key, p => p.Value!.GetValue<string>(), StringComparer.Ordinal);
        object? value;
        if (node is JsonArray list) return TryParseList(type, [.. list.Select(i => i!.ToString())], out value, out _) ? value : throw new JsonException($"{node.ToJsonString()} is not {Describe(type)}");
        return TryParse(type, node.ToString(), out value, out var expected) ? value : throw new JsonException($"{node.ToJsonString()} is not {expected}");
    }

    /// <summary>The JSON schema of a type.</summary>
    public static JsonObject Schema(Type type)
    {
        var target = Nullable.GetUnderlyingType(type) ?? type;
        if (target.IsEnum) return new JsonObject { ["enum"] = new JsonArray([.. Words(target).Select(w => JsonValue.Create(w))]) };
        if (target == typeof(IReadOnlyList<string>)) return new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } };
        if (target == typeof(IReadOnlyList<int>)) return new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "integer" } };
        if (target == typeof(IReadOnlyDictionary<string, string>)) return new JsonObject { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["type"] = "string" } };
        return new JsonObject { ["type"] = target == typeof(bool) ? "boolean" : target == typeof(double) ? "number" : target == typeof(string) ? "string" : "integer" };
    }

    private static string Describe(Type type)
    {
        var target = Nullable.GetUnderlyingType(type) ?? type;
        return target == typeof(bool) ? "true or false"
            : target == typeof(double) ? "a number"
            : target == typeof(int) || target == typeof(long) ? "a whole number"
            : target == typeof(string) ? "text"
            : target.IsEnum ? $"one of {string.Join(", ", Words(target))}"
            : target == typeof(IReadOnlyList<int>) ? "a list of whole numbers"
            : target == typeof(IReadOnlyList<string>) ? "a list" : "a map";
    }

    private static string[] Words(Type type) => Array.ConvertAll(Enum.GetNames(type), Word);

    private static string Word(string name) => JsonNamingPolicy.KebabCaseLower.ConvertName(name);
}
