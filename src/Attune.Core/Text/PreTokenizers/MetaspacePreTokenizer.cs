namespace Attune.Text.PreTokenizers;

/// <summary>SentencePiece's: spaces become ▁, which is also put before each piece, the first one or none, and pieces begin there.</summary>
internal sealed class MetaspacePreTokenizer(char replacement, MetaspacePrepend prepend, bool split) : PreTokenizer
{
    public override void Apply(TextPieces pieces)
    {
        pieces.Replace(' ', replacement);
        if (prepend != MetaspacePrepend.Never)
            pieces.PrependUnlessThere(replacement, prepend == MetaspacePrepend.Always ? static (_, _) => true : static (text, piece) => text.StartOf(piece.Start) == 0);
        if (split) pieces.Split(new CharacterPattern(c => c == replacement), SplitBehavior.MergedWithNext);
    }
}
