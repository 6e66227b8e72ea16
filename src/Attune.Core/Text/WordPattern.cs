namespace Attune.Text;

/// <summary>The regular expression <c>\w+|[^\w\s]+</c>: words, and runs of what is neither word nor white space.</summary>
internal sealed class WordPattern : SplitPattern
{
    public override void Find(ReadOnlySpan<char> text, List<(int Start, int End, bool IsMatch)> matches)
    {
        if (text.IsEmpty) matches.Add((0, 0, false));
        var (start, kind) = (0, -1);
        for (int i = 0, codePoint; i < text.Length; i += codePoint > 0xFFFF ? 2 : 1)
        {
            codePoint = Characters.CodePointAt(text, i);
            var here = Characters.IsWord(codePoint) ? 2 : Characters.IsWhitespace(codePoint) ? 0 : 1;
            if (here == kind) continue;
            if (i > start) matches.Add((start, i, kind > 0));
            (start, kind) = (i, here);
        }
        if (start < text.Length) matches.Add((start, text.Length, kind > 0));
    }
}
