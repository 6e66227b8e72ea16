namespace Attune.Text.PreTokenizers;

/// <summary>Pieces of a fixed number of code points; the last one may be shorter.</summary>
internal sealed class FixedLengthPreTokenizer(int length) : PreTokenizer
{
    public override void Apply(TextPieces pieces)
    {
        pieces.Begin();
        var text = pieces.Text.Span;
        foreach (var piece in pieces.All)
        {
            if (!piece.IsFree)
            {
                pieces.Add(piece.Start, piece.End, piece.Id);
                continue;
            }
            var (start, count) = (piece.Start, 0);
            for (int i = piece.Start; i < piece.End;)
            {
                i += AlignedText.UnitsAt(text, i);
                if (++count < length) continue;
                pieces.Add(start, i);
                (start, count) = (i, 0);
            }
            pieces.Add(start, piece.End);
        }
        pieces.Commit();
    }
}
