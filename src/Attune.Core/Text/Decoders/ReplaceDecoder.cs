using System.Text;

namespace Attune.Text.Decoders;

/// <summary>Puts a fixed text in the place of each match in each token.</summary>
internal sealed class ReplaceDecoder(SplitPattern pattern, string content) : TokenDecoder
{
    public override List<string> Decode(List<string> tokens)
    {
        var matches = new List<(int Start, int End, bool IsMatch)>();
        for (var i = 0; i < tokens.Count; i++)
        {
            matches.Clear();
            pattern.Find(tokens[i], matches);
            if (!matches.Exists(m => m.IsMatch)) continue;
            var replaced = new StringBuilder();
            foreach (var (start, end, isMatch) in matches)
            {
                if (isMatch) replaced.Append(content);
                else replaced.Append(tokens[i], start, end - start);
            }
            tokens[i] = replaced.ToString();
        }
        return tokens;
    }
}
