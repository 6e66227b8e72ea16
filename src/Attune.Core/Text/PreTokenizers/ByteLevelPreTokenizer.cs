namespace Attune.Text.PreTokenizers;

/// <summary>GPT-2's: a space before each piece where asked for, its pattern where asked for, then each byte as a letter.</summary>
internal sealed class ByteLevelPreTokenizer(bool addPrefixSpace, bool usePattern, bool mapsBytes = true) : PreTokenizer
{
    /// <summary>The same without the last step, for a model that takes bytes itself.</summary>
    public override PreTokenizer WithoutByteLetters() => new ByteLevelPreTokenizer(addPrefixSpace, usePattern, mapsBytes: false);

    public override bool EndsInByteLetters => mapsBytes;

    public override void Apply(TextPieces pieces)
    {
        if (addPrefixSpace) pieces.PrependUnlessThere(' ', static (_, _) => true);
        if (usePattern) pieces.Split(GptPattern.ForGpt2, SplitBehavior.Isolated);
        if (mapsBytes) pieces.Rewrite(static (text, piece) => ByteLetters.Put(text, piece.Start, piece.End));
    }
}
