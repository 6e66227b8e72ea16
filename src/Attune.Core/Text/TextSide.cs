namespace Attune.Text;

/// <summary>A side of a row of tokens, in the order of the text.</summary>
public enum TextSide
{
    /// <summary>The end.</summary>
    Right,

    /// <summary>The beginning.</summary>
    Left,
}
