namespace Attune.Text.Normalizers;

/// <summary>Lower case, code point by code point.</summary>
internal sealed class LowercaseNormalizer : Normalizer
{
    public override void Apply(AlignedText text)
    {
        var units = text.Span;
        if (!units.ContainsAnyExceptInRange('\0', '\x7F') && !units.ContainsAnyInRange('A', 'Z')) return;
        text.Begin(units.Length + 16);
        Span<char> lower = stackalloc char[4];
        for (int i = 0, codePoint; i < units.Length; i += codePoint > 0xFFFF ? 2 : 1)
        {
            codePoint = Characters.CodePointAt(units, i);
            text.Put(lower[..Characters.ToLower(codePoint, lower)], i);
        }
        text.Commit();
    }
}
