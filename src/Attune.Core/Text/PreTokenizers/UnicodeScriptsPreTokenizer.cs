namespace Attune.Text.PreTokenizers;

/// <summary>Cuts where the script changes, by the scripts of Unicode 9; Hiragana and Katakana count as Han, a space and what has no script go with what stands before.</summary>
internal sealed class UnicodeScriptsPreTokenizer : PreTokenizer
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
            var (start, last) = (-1, UnicodeScript.Unknown);
            for (int i = piece.Start, codePoint; i < piece.End; i += codePoint > 0xFFFF ? 2 : 1)
            {
                codePoint = Characters.CodePointAt(text, i);
                var script = Of(codePoint);
                if (script == UnicodeScript.Unknown || script == last) continue;
                if (start >= 0) pieces.Add(start, i);
                (start, last) = (i, script);
            }
            // As in the tokenizers library, what stands before the first character with a script vanishes.
            if (start >= 0) pieces.Add(start, piece.End);
        }
        pieces.Commit();
    }

    private static int Of(int codePoint) => codePoint switch
    {
        ' ' => UnicodeScript.Unknown,
        0x30FC => UnicodeScript.Han,
        0x589 or 0x61C => UnicodeScript.Common,
        0x953 or 0x954 => Devanagari,
        _ => UnicodeScript.OfUnicode9(codePoint) is UnicodeScript.Hiragana or UnicodeScript.Katakana ? UnicodeScript.Han : UnicodeScript.OfUnicode9(codePoint),
    };

    private static readonly int Devanagari = UnicodeScript.ByName("Devanagari");
}
