namespace Attune.Text.TokenModels;

/// <summary>
/// Greedy longest match from the left (Schuster and Nakajima 2012; Devlin et al. 2018): continuing pieces carry a prefix; a word with any part
/// that is not in the vocabulary, or longer than the limit, is one unknown token.
/// </summary>
internal sealed class WordPiece : TokenModel
{
    private readonly Vocabulary _vocabulary;
    private readonly CharTrie _trie = new();
    private readonly WordCache _cache = new();
    private readonly int _continuing;
    private readonly int _longestWord;
    private readonly string _unknownToken;
    private readonly int? _unknownId;

    /// <param name="vocabulary">Tokens; continuing ones begin with <paramref name="prefix"/>.</param>
    /// <param name="unknownToken">The unknown token.</param>
    /// <param name="prefix">Prefix of a continuing piece; BERT's is <c>##</c>.</param>
    /// <param name="longestWord">Code points beyond which a word is unknown; BERT's is 100.</param>
    public WordPiece(Vocabulary vocabulary, string unknownToken, string prefix, int longestWord)
    {
        (_vocabulary, _unknownToken, _unknownId, _longestWord) = (vocabulary, unknownToken, vocabulary.TokenToId(unknownToken), longestWord);
        foreach (var (token, id) in vocabulary.Entries) _trie.TryAdd(token, id);
        _continuing = _trie.Find(prefix);
    }

    public override int VocabularySize => _vocabulary.Count;

    public override int LargestId => _vocabulary.LargestId;

    public override int? TokenToId(string token) => _vocabulary.TokenToId(token);

    public override string? IdToToken(int id) => _vocabulary.IdToToken(id);

    public override void Tokenize(ReadOnlySpan<char> word, TokenList tokens)
    {
        if (word.Length > WordCache.LongestWord)
        {
            Match(word, tokens);
            return;
        }
        var hash = WordCache.Hash(word);
        if (_cache.TryGet(word, hash, tokens)) return;
        var first = tokens.Count;
        Match(word, tokens);
        _cache.Store(word, hash, tokens, first);
    }

    private void Match(ReadOnlySpan<char> word, TokenList tokens)
    {
        if (IsTooLong(word))
        {
            AddUnknown(word, tokens);
            return;
        }
        Span<(int Id, int Start, int End)> found = stackalloc (int, int, int)[64];
        (int, int, int)[]? more = null;
        var count = 0;
        for (var start = 0; start < word.Length;)
        {
            var (id, end) = Longest(word, start);
            if (id < 0)
            {
                AddUnknown(word, tokens);
                return;
            }
            if (count == found.Length)
            {
                Array.Resize(ref more, 2 * count);
                found.CopyTo(more);
                found = more;
            }
            found[count++] = (id, start, end);
            start = end;
        }
        foreach (var (id, start, end) in found[..count]) tokens.Add(id, start, end);
    }

    private (int Id, int End) Longest(ReadOnlySpan<char> word, int start)
    {
        var node = start == 0 ? CharTrie.Root : _continuing;
        var (id, end) = (-1, start);
        for (var i = start; i < word.Length && node >= 0; i++)
        {
            node = _trie.Child(node, word[i]);
            if (node >= 0 && _trie.Value(node) is >= 0 and var value) (id, end) = (value, i + 1);
        }
        return (id, end);
    }

    private bool IsTooLong(ReadOnlySpan<char> word)
    {
        if (word.Length <= _longestWord) return false;
        var pairs = 0;
        foreach (var c in word)
        {
            if (char.IsHighSurrogate(c)) pairs++;
        }
        return word.Length - pairs > _longestWord;
    }

    private void AddUnknown(ReadOnlySpan<char> word, TokenList tokens)
        => tokens.Add(_unknownId ?? throw new TokenizationException(
            $"The word '{TokenizationException.Preview(word)}' has no tokens, and the unknown token '{_unknownToken}' is not in the vocabulary. Add it to the vocabulary, or name another one."), 0, word.Length);
}
