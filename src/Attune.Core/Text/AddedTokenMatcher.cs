using System.Buffers;

namespace Attune.Text;

/// <summary>Finds added tokens in a text: leftmost, longest, without overlap.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly CharTrie _trie = new();
    private readonly List<AddedToken> _tokens = [];
    private readonly SearchValues<char> _firstUnits;

    public AddedTokenMatcher(IEnumerable<(string Content, AddedToken Token)> tokens)
    {
        foreach (var (content, token) in tokens)
        {
            if (content.Length > 0 && _trie.TryAdd(content, _tokens.Count)) _tokens.Add(token);
        }
        _firstUnits = SearchValues.Create([.. Enumerable.Range(0, 0x10000).Select(c => (char)c).Where(c => _tokens.Count > 0 && _trie.Child(CharTrie.Root, c) >= 0)]);
    }

    /// <summary>Whether <paramref name="text"/> has a place where a token could begin.</summary>
    public bool MayMatch(ReadOnlySpan<char> text) => _tokens.Count > 0 && text.ContainsAny(_firstUnits);

    /// <summary>Adds ranges that cover the text, each with the token that it is or null.</summary>
    public void Find(ReadOnlySpan<char> text, List<(int Start, int End, AddedToken? Token)> ranges)
    {
        var done = 0;
        for (var i = 0; i < text.Length;)
        {
            var skip = _tokens.Count == 0 ? -1 : text[i..].IndexOfAny(_firstUnits);
            if (skip < 0) break;
            i += skip;
            var (token, stop) = Longest(text, i);
            if (token is null)
            {
                i++;
                continue;
            }
            var (start, next) = (i, stop);
            i = stop;
            if (token.SingleWord && !(IsFreeBefore(text, start) && IsFreeAfter(text, stop))) continue;
            if (token.LeftStrip)
            {
                while (start > 0 && char.IsWhiteSpace(text[start - 1])) start--;
                start = Math.Max(start, done);
            }
            if (token.RightStrip)
            {
                while (next < text.Length && char.IsWhiteSpace(text[next])) next++;
            }
            if (done < start) ranges.Add((done, start, null));
            ranges.Add((start, next, token));
            done = next;
        }
        if (done != text.Length) ranges.Add((done, text.Length, null));
    }

    private (AddedToken? Token, int End) Longest(ReadOnlySpan<char> text, int start)
    {
        var (node, found, end) = (CharTrie.Root, -1, start);
        for (var i = start; i < text.Length && (node = _trie.Child(node, text[i])) >= 0; i++)
        {
            if (_trie.Value(node) is >= 0 and var value) (found, end) = (value, i + 1);
        }
        return found < 0 ? (null, start) : (_tokens[found], end);
    }

    private static bool IsFreeBefore(ReadOnlySpan<char> text, int i)
    {
        if (i == 0) return true;
        var codePoint = i > 1 && char.IsSurrogatePair(text[i - 2], text[i - 1]) ? char.ConvertToUtf32(text[i - 2], text[i - 1]) : text[i - 1];
        return !Characters.IsWord(codePoint);
    }

    private static bool IsFreeAfter(ReadOnlySpan<char> text, int i) => i == text.Length || !Characters.IsWord(Characters.CodePointAt(text, i));
}
