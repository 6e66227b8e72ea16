namespace Attune.Text;

/// <summary>Each code point for which a condition holds is a match by itself.</summary>
internal sealed class CharacterPattern(Func<int, bool> isMatch) : SplitPattern
{
    public override void Find(ReadOnlySpan<char> text, List<(int Start, int End, bool IsMatch)> matches)
    {
        var last = 0;
        for (int i = 0, units; i < text.Length; i += units)
        {
            units = AlignedText.UnitsAt(text, i);
            if (!isMatch(Characters.CodePointAt(text, i))) continue;
            if (last < i) matches.Add((last, i, false));
            matches.Add((i, last = i + units, true));
        }
        if (last < text.Length || text.IsEmpty) matches.Add((last, text.Length, false));
    }
}
