namespace Attune.Text.Decoders;

/// <summary>Connectionist temporal classification: equal tokens in a row are one, padding vanishes, and with clean-up the word delimiter is a space.</summary>
internal sealed class CtcDecoder(string padToken, string wordDelimiter, bool cleanup) : TokenDecoder
{
    public override List<string> Decode(List<string> tokens)
    {
        var decoded = new List<string>(tokens.Count);
        for (var i = 0; i < tokens.Count; i++)
        {
            if (i > 0 && tokens[i] == tokens[i - 1]) continue;
            var token = Replace(tokens[i], padToken, "");
            if (cleanup) token = Replace(WordPieceDecoder.CleanUp(token), wordDelimiter, " ");
            if (token.Length > 0) decoded.Add(token);
        }
        return decoded;
    }

    private static string Replace(string text, string old, string by) => old.Length == 0 ? text : text.Replace(old, by, StringComparison.Ordinal);
}
