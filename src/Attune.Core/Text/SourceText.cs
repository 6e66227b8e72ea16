namespace Attune.Text;

/// <summary>What a row was made from: one text, or words. Converts offsets to code points.</summary>
internal sealed class SourceText
{
    private readonly IReadOnlyList<string> _parts;
    private readonly bool _isWords;
    private readonly int[]?[] _codePoints;

    public SourceText(string text) : this([text], false) { }

    public SourceText(IReadOnlyList<string> words) : this(words, true) { }

    private SourceText(IReadOnlyList<string> parts, bool isWords)
    {
        (_parts, _isWords, _codePoints) = (parts, isWords, new int[]?[parts.Count]);
        foreach (var part in parts) HasSurrogates |= part.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF');
    }

    public bool HasSurrogates { get; }

    public TokenOffset InCodePoints(TokenOffset offset, int word)
    {
        var part = _isWords ? word : 0;
        var map = _codePoints[part] ??= Map(_parts[part]);
        return new(map[offset.Start], map[offset.End]);
    }

    // A lone surrogate counts as one code point.
    private static int[] Map(string text)
    {
        var map = new int[text.Length + 1];
        for (int i = 0, count = 0; i < text.Length; i++)
        {
            map[i] = count;
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) map[++i] = count;
            map[i + 1] = ++count;
        }
        return map;
    }
}
