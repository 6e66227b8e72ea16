namespace Attune.Text.Decoders;

/// <summary>The end-of-word suffix becomes a space, and nothing in the last token.</summary>
internal sealed class BpeDecoder(string suffix) : TokenDecoder
{
    public override List<string> Decode(List<string> tokens)
    {
        for (var i = 0; suffix.Length > 0 && i < tokens.Count; i++) tokens[i] = tokens[i].Replace(suffix, i == tokens.Count - 1 ? "" : " ", StringComparison.Ordinal);
        return tokens;
    }
}
