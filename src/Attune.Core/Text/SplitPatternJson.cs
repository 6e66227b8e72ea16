namespace Attune.Text;

/// <summary>Reads the member <c>pattern</c> of a component: a literal text or a regular expression.</summary>
internal static class SplitPatternJson
{
    public static SplitPattern Read(ComponentJson json)
    {
        if (json.Member("pattern").ValueKind == System.Text.Json.JsonValueKind.String) return new LiteralPattern(json.Text("pattern"));
        var pattern = json.Object("pattern") ?? throw json.Wrong("pattern", "an object with String or Regex");
        if (pattern.Has("String")) return pattern.Text("String") is { Length: > 0 } text ? new LiteralPattern(text) : RegexPattern.Create("");
        try { return RegexPattern.Create(pattern.Text("Regex")); }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw pattern.Error($"The pattern '{TokenizationException.Preview(pattern.Text("Regex"))}' cannot be used: {e.Message}", e);
        }
    }
}
