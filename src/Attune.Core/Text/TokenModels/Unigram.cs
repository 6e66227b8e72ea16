using System.Globalization;

namespace Attune.Text.TokenModels;

/// <summary>
/// The most probable way to cut a word into pieces (Kudo 2018, arXiv:1804.10959), by dynamic programming from the left. A character without a piece of its own costs ten more
/// than the rarest piece; such characters in a row are one unknown token, or tokens of their bytes. Time: length × longest piece.
/// </summary>
internal sealed class Unigram : TokenModel
{
    private const double UnknownPenalty = 10;

    [ThreadStatic]
    private static Node[]? _nodes;

    private readonly Vocabulary _vocabulary;
    private readonly CharTrie _trie = new();
    private readonly WordCache _cache = new();
    private readonly double[] _scores;
    private readonly double _unknownScore;
    private readonly int? _unknownId;
    private readonly int[]? _byteIds;

    /// <summary>The best way to a place: its score, where the last piece begins (−1: none yet), and that piece.</summary>
    private record struct Node(double Score, int Start, int Id);

    /// <param name="pieces">Pieces with their log probabilities; the place in the list is the id.</param>
    /// <param name="unknownId">Id of the unknown piece; null where there is none.</param>
    /// <param name="byteFallback">Whether unknown text becomes tokens of its bytes (<c>&lt;0xE2&gt;</c>).</param>
    public Unigram(IReadOnlyList<(string Piece, double Score)> pieces, int? unknownId, bool byteFallback)
    {
        _vocabulary = new([.. pieces.Select((p, i) => (p.Piece, i))]);
        (_scores, _unknownId) = ([.. pieces.Select(p => p.Score)], unknownId);
        _unknownScore = (pieces.Count == 0 ? 0 : _scores.Min()) - UnknownPenalty;
        foreach (var (piece, id) in _vocabulary.Entries) _trie.TryAdd(piece, id);
        if (byteFallback) _byteIds = [.. Enumerable.Range(0, 256).Select(b => _vocabulary.TokenToId(string.Create(CultureInfo.InvariantCulture, $"<0x{b:X2}>")) ?? -1)];
    }

    public override int VocabularySize => _scores.Length;

    public override int LargestId => _scores.Length - 1;

    public override int? TokenToId(string token) => _vocabulary.TokenToId(token);

    public override string? IdToToken(int id) => _vocabulary.IdToToken(id);

    public override void Tokenize(ReadOnlySpan<char> word, TokenList tokens)
    {
        if (word.Length > WordCache.LongestWord)
        {
            Cut(word, tokens);
            return;
        }
        var hash = WordCache.Hash(word);
        if (_cache.TryGet(word, hash, tokens)) return;
        var first = tokens.Count;
        Cut(word, tokens);
        _cache.Store(word, hash, tokens, first);
    }

    private void Cut(ReadOnlySpan<char> word, TokenList tokens)
    {
        var nodes = _nodes;
        if (nodes is null || nodes.Length <= word.Length) nodes = new Node[Math.Max(256, word.Length + 1)];
        _nodes = nodes.Length <= 1 << 16 ? nodes : null;
        FindBest(word, nodes);

        // Back along the best way: each node on it learns where its piece ends.
        for (var end = word.Length; end > 0;)
        {
            var start = nodes[end].Start;
            nodes[start] = nodes[start] with { Score = end };
            end = start;
        }
        for (var start = 0; start < word.Length;)
        {
            var end = (int)nodes[start].Score;
            if (nodes[end].Id != _unknownId)
            {
                tokens.Add(nodes[end].Id, start, end);
                start = end;
                continue;
            }
            while (end < word.Length && nodes[(int)nodes[end].Score].Id == _unknownId) end = (int)nodes[end].Score;
            AddUnknown(word[start..end], start, tokens);
            start = end;
        }
    }

    private void FindBest(ReadOnlySpan<char> word, Node[] nodes)
    {
        for (var i = 0; i <= word.Length; i++) nodes[i] = new(0, -1, 0);
        for (int start = 0, units; start < word.Length; start += units)
        {
            units = AlignedText.UnitsAt(word, start);
            var score = nodes[start].Score;
            var hasCharacter = false;
            var node = CharTrie.Root;
            for (var i = start; i < word.Length && (node = _trie.Child(node, word[i])) >= 0; i++)
            {
                if (_trie.Value(node) is not (>= 0 and var id)) continue;
                Offer(ref nodes[i + 1], score + _scores[id], start, id);
                hasCharacter |= i + 1 - start == units;
            }
            if (!hasCharacter) Offer(ref nodes[start + units], score + _unknownScore, start, _unknownId ?? throw new TokenizationException(
                $"'{TokenizationException.Preview(word[start..])}' begins with a character that has no piece, and the vocabulary names no unknown piece (unk_id)."));
        }
    }

    private static void Offer(ref Node node, double score, int start, int id)
    {
        if (node.Start < 0 || score > node.Score) node = new(score, start, id);
    }

    private void AddUnknown(ReadOnlySpan<char> text, int start, TokenList tokens)
    {
        var end = start + text.Length;
        if (_vocabulary.TryGetId(text, out var id))
        {
            tokens.Add(id, start, end);
            return;
        }
        if (_byteIds is not null)
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(text.ToString());
            if (Array.TrueForAll(bytes, b => _byteIds[b] >= 0))
            {
                foreach (var b in bytes) tokens.Add(_byteIds[b], start, end);
                return;
            }
        }
        tokens.Add(_unknownId!.Value, start, end, text.ToString());
    }
}
