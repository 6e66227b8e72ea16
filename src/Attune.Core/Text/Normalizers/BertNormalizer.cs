using System.Buffers;

namespace Attune.Text.Normalizers;

/// <summary>BERT's cleaning in one pass: control characters out, white space to spaces, spaces around Chinese characters, accents out, lower case.</summary>
internal sealed class BertNormalizer(bool cleanText, bool handleChinese, bool? stripAccents, bool lowercase) : Normalizer
{
    // Text of these alone stays as it is, in lower case at least.
    private static readonly SearchValues<char> Plain = SearchValues.Create([.. Enumerable.Range(32, 95).Select(c => (char)c)]);
    private static readonly SearchValues<char> PlainLower = SearchValues.Create([.. Enumerable.Range(32, 95).Select(c => (char)c).Where(c => c is < 'A' or > 'Z')]);

    private readonly bool _stripAccents = stripAccents ?? lowercase;

    public override void Apply(AlignedText text)
    {
        var units = text.Span;
        var first = units.IndexOfAnyExcept(lowercase ? PlainLower : Plain);
        if (first < 0) return;
        text.Begin(units.Length + 16);
        text.Keep(0, first);
        Span<char> lower = stackalloc char[4];
        for (int i = first, width; i < units.Length; i += width)
        {
            var c = units[i];
            width = 1;
            if (c is >= ' ' and < '\x7F')
            {
                text.Put(lowercase && c is >= 'A' and <= 'Z' ? (char)(c | 32) : c, i);
                continue;
            }
            var codePoint = Characters.CodePointAt(units, i);
            width = codePoint > 0xFFFF ? 2 : 1;
            if (cleanText)
            {
                if (codePoint is 0 or 0xFFFD || Characters.IsBertControl(codePoint)) continue;
                if (Characters.IsWhitespace(codePoint))
                {
                    text.Put(' ', i);
                    continue;
                }
            }
            var chinese = handleChinese && Characters.IsBertChinese(codePoint);
            if (chinese) text.Put(' ', i);
            if (_stripAccents)
            {
                foreach (var part in UnicodeNormalization.Decompose(codePoint, compatible: false))
                {
                    if (!Characters.IsBertAccent(part)) Put(text, part, i, lower);
                }
            }
            else
            {
                Put(text, codePoint, i, lower);
            }
            if (chinese) text.Put(' ', i);
        }
        text.Commit();
    }

    private void Put(AlignedText text, int codePoint, int like, Span<char> lower)
    {
        if (lowercase) text.Put(lower[..Characters.ToLower(codePoint, lower)], like);
        else text.PutCodePoint(codePoint, like);
    }
}
