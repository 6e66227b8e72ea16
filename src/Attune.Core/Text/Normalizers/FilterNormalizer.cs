namespace Attune.Text.Normalizers;

/// <summary>Replaces single code points, or takes them out where the map gives −1.</summary>
internal sealed class FilterNormalizer(Func<int, int> map) : Normalizer
{
    /// <summary>Takes marks out (Unicode's M); after decomposition, these are accents.</summary>
    public static FilterNormalizer StripAccents() => new(static c => Characters.IsMark(c) ? -1 : c);

    /// <summary>The cleaning of Moses and SentencePiece's nmt rules: control characters out, unusual white space to spaces.</summary>
    public static FilterNormalizer Nmt() => new(static c => c switch
    {
        (>= 0x01 and <= 0x08) or 0x0B or (>= 0x0E and <= 0x1F) or 0x7F or 0x8F or 0x9F => -1,
        0x09 or 0x0A or 0x0C or 0x0D or 0x1680 or (>= 0x200B and <= 0x200F) or 0x2028 or 0x2029 or 0x2581 or 0xFEFF or 0xFFFD => ' ',
        _ => c,
    });

    public override void Apply(AlignedText text)
    {
        var units = text.Span;
        var changed = 0;
        for (int codePoint; changed < units.Length; changed += codePoint > 0xFFFF ? 2 : 1)
        {
            codePoint = Characters.CodePointAt(units, changed);
            if (map(codePoint) != codePoint) break;
        }
        if (changed == units.Length) return;
        text.Begin(units.Length);
        text.Keep(0, changed);
        for (int i = changed, codePoint; i < units.Length; i += codePoint > 0xFFFF ? 2 : 1)
        {
            codePoint = Characters.CodePointAt(units, i);
            if (map(codePoint) is >= 0 and var mapped) text.PutCodePoint(mapped, i);
        }
        text.Commit();
    }
}
