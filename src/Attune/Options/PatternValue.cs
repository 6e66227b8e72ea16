using System.Globalization;

namespace Attune.Options;

/// <summary>A number for the names that a pattern fits: <c>PATTERN=NUMBER</c>.</summary>
/// <param name="Pattern">Over weight or node names.</param>
/// <param name="Value">The number.</param>
internal sealed record PatternValue(string Pattern, double Value)
{
    /// <summary>Reads one; null when it has another form.</summary>
    public static PatternValue? Parse(string text)
        => text.LastIndexOf('=') is > 0 and var at && double.TryParse(text.AsSpan(at + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? new(text[..at].Trim(), value) : null;
}
