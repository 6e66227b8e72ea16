namespace Attune.Text.PreTokenizers;

/// <summary>Cuts at white space, which vanishes, and around each punctuation character, which stays.</summary>
internal sealed class BertPreTokenizer : PreTokenizer
{
    // 0 part of a word, 1 white space, 2 punctuation
    private static readonly byte[] Ascii = [.. Enumerable.Range(0, 128).Select(c => (byte)(Characters.IsWhitespace(c) ? 1 : Characters.IsPunctuation(c) ? 2 : 0))];

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
            var word = piece.Start;
            for (int i = piece.Start, units; i < piece.End; i += units)
            {
                units = 1;
                var c = text[i];
                int kind;
                if (c < 128) kind = Ascii[c];
                else
                {
                    var codePoint = Characters.CodePointAt(text, i);
                    units = codePoint > 0xFFFF ? 2 : 1;
                    kind = Characters.IsWhitespace(codePoint) ? 1 : Characters.IsPunctuation(codePoint) ? 2 : 0;
                }
                if (kind == 0) continue;
                pieces.Add(word, i);
                word = i + units;
                if (kind == 2) pieces.Add(i, word);
            }
            pieces.Add(word, piece.End);
        }
        pieces.Commit();
    }
}
