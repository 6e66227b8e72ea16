namespace Attune.Text;

/// <summary>Each occurrence of a text is a match.</summary>
internal sealed class LiteralPattern(string literal) : SplitPattern
{
    public override void Find(ReadOnlySpan<char> text, List<(int Start, int End, bool IsMatch)> matches)
    {
        var last = 0;
        for (int next; literal.Length > 0 && (next = text[last..].IndexOf(literal, StringComparison.Ordinal)) >= 0; last += next + literal.Length)
        {
            if (next > 0) matches.Add((last, last + next, false));
            matches.Add((last + next, last + next + literal.Length, true));
        }
        if (last < text.Length || text.IsEmpty) matches.Add((last, text.Length, false));
    }
}
