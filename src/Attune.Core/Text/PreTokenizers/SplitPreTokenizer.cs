namespace Attune.Text.PreTokenizers;

/// <summary>Cuts at each match of a pattern; inverted, between them.</summary>
internal sealed class SplitPreTokenizer(SplitPattern pattern, SplitBehavior behavior, bool invert = false) : PreTokenizer
{
    /// <summary>Words and runs of punctuation; white space vanishes.</summary>
    public static SplitPreTokenizer Whitespace() => new(new WordPattern(), SplitBehavior.Removed, invert: true);

    /// <summary>What stands between white space.</summary>
    public static SplitPreTokenizer WhitespaceSplit() => new(new CharacterPattern(Characters.IsWhitespace), SplitBehavior.Removed);

    public static SplitPreTokenizer Punctuation(SplitBehavior behavior) => new(new CharacterPattern(Characters.IsPunctuation), behavior);

    /// <summary>Each digit by itself, or runs of them.</summary>
    public static SplitPreTokenizer Digits(bool individual) => new(new CharacterPattern(Characters.IsNumeric), individual ? SplitBehavior.Isolated : SplitBehavior.Contiguous);

    public override void Apply(TextPieces pieces) => pieces.Split(pattern, behavior, invert);
}
