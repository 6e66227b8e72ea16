namespace Attune.Text;

/// <summary>Finds delimiters in a text. What it adds covers the text without gaps, in order; an empty text gives one empty non-match.</summary>
internal abstract class SplitPattern
{
    public abstract void Find(ReadOnlySpan<char> text, List<(int Start, int End, bool IsMatch)> matches);
}
