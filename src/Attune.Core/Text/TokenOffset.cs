namespace Attune.Text;

/// <summary>A range of a text, in UTF-16 units or code points as the holder says.</summary>
/// <param name="Start">First unit.</param>
/// <param name="End">End, exclusive; equal to <paramref name="Start"/> for a token that stands for no text.</param>
public readonly record struct TokenOffset(int Start, int End)
{
    /// <summary>Units in the range.</summary>
    public int Length => End - Start;
}
