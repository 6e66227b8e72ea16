namespace Attune.Text.Decoders;

/// <summary>Takes up to so many of a character off each token's beginning and end.</summary>
internal sealed class StripDecoder(string character, int start, int stop) : TokenDecoder
{
    public override List<string> Decode(List<string> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i].AsSpan();
            for (var n = 0; n < start && token.StartsWith(character, StringComparison.Ordinal); n++) token = token[character.Length..];
            for (var n = 0; n < stop && token.EndsWith(character, StringComparison.Ordinal); n++) token = token[..^character.Length];
            if (token.Length != tokens[i].Length) tokens[i] = token.ToString();
        }
        return tokens;
    }
}
