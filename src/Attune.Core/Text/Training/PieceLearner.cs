using System.Text;

namespace Attune.Text.Training;

/// <summary>
/// Learns pieces of words by merging the most frequent pair of neighbours again and again (Sennrich et al. 2016, arXiv:1508.07909), as the tokenizers library's BpeTrainer and
/// WordPieceTrainer do: ties go to the pair that was made first, and a pair whose count grew is looked at anew only in the words where it grew until its turn comes again.
/// </summary>
/// <param name="prefix">What stands in front of a piece that continues a word: <c>##</c>, or "" for none.</param>
/// <param name="options">Sizes.</param>
internal sealed class PieceLearner(string prefix, WordPieceTrainerOptions options)
{
    private readonly List<string> _pieces = [];
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<(int, int), long> _counts = [];
    private readonly PriorityQueue<Candidate, (long, int, int)> _queue = new();   // most frequent first, then by ids
    private readonly Dictionary<(int, int), HashSet<int>> _changed = [];

    private sealed record Candidate((int Left, int Right) Pair, long Count, HashSet<int> Words);

    /// <summary>The pieces in the order of their ids: special tokens, characters by code point, characters that continue a word, merged pieces.</summary>
    /// <param name="words">How often each word occurs.</param>
    /// <param name="special">Tokens that come first.</param>
    /// <param name="progress">Receives pieces made and pieces wanted.</param>
    public IReadOnlyList<string> Learn(IReadOnlyDictionary<string, long> words, IReadOnlyList<string> special, Action<int, int>? progress = null)
    {
        foreach (var token in special) Add(token);
        (string Text, long Count)[] known = [.. words.Select(w => (w.Key, w.Value)).OrderBy(w => w.Key, StringComparer.Ordinal)];   // an order of its own, so that ids repeat
        foreach (var character in Alphabet(known)) Add(character);
        var cut = known.Select(word => Cut(word.Text)).ToArray();
        for (var word = 0; word < cut.Length; word++)
        {
            for (var i = 0; i + 1 < cut[word].Count; i++) Note((cut[word][i], cut[word][i + 1]), known[word].Count, word);
        }
        Enqueue();
        while (_pieces.Count < options.VocabularySize && _queue.TryDequeue(out var best, out _))
        {
            var count = _counts[best.Pair];
            if (count != best.Count)
            {
                Enqueue(best with { Count = count });
                continue;
            }
            if (count < 1 || count < options.MinFrequency) break;
            Merge(best, cut, known);
            Enqueue();
            if (_pieces.Count % 256 == 0) progress?.Invoke(_pieces.Count, options.VocabularySize);
        }
        return _pieces;
    }

    private IEnumerable<string> Alphabet((string Text, long Count)[] words)
    {
        var counts = new Dictionary<Rune, long>();
        foreach (var (text, count) in words)
        {
            foreach (var rune in text.EnumerateRunes()) counts[rune] = counts.GetValueOrDefault(rune) + count;
        }
        return counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key.Value).Take(options.AlphabetLimit).Select(c => c.Key).OrderBy(c => c.Value).Select(c => c.ToString());
    }

    // Characters outside of the alphabet are passed over.
    private List<int> Cut(string word)
    {
        var (ids, isFirst) = (new List<int>(), true);
        foreach (var rune in word.EnumerateRunes())
        {
            var text = rune.ToString();
            if (_ids.ContainsKey(text)) ids.Add(Add(isFirst ? text : prefix + text));
            isFirst = false;
        }
        return ids;
    }

    private int Add(string piece)
    {
        if (_ids.TryGetValue(piece, out var known)) return known;
        _pieces.Add(piece);
        return _ids[piece] = _pieces.Count - 1;
    }

    private void Merge(Candidate best, List<int>[] cut, (string Text, long Count)[] words)
    {
        var (left, right) = best.Pair;
        var tail = _pieces[right];
        if (prefix.Length > 0 && tail.StartsWith(prefix, StringComparison.Ordinal)) tail = tail[prefix.Length..];
        var merged = Add(_pieces[left] + tail);
        foreach (var word in best.Words)
        {
            var (pieces, count) = (cut[word], words[word].Count);
            for (var i = 0; i + 1 < pieces.Count; i++)
            {
                if (pieces[i] != left || pieces[i + 1] != right) continue;
                if (i > 0)
                {
                    _counts[(pieces[i - 1], left)] = _counts.GetValueOrDefault((pieces[i - 1], left)) - count;
                    Note((pieces[i - 1], merged), count, word);
                }
                pieces[i] = merged;
                pieces.RemoveAt(i + 1);
                if (i + 1 == pieces.Count) continue;
                var next = pieces[i + 1];
                _counts[(right, next)] = _counts.GetValueOrDefault((right, next)) - count;
                Note((merged, next), count, word);
            }
        }
    }

    private void Note((int, int) pair, long count, int word)
    {
        _counts[pair] = _counts.GetValueOrDefault(pair) + count;
        if (!_changed.TryGetValue(pair, out var words)) _changed[pair] = words = [];
        words.Add(word);
    }

    private void Enqueue()
    {
        foreach (var (pair, words) in _changed)
        {
            if (_counts[pair] > 0) Enqueue(new Candidate(pair, _counts[pair], words));
        }
        _changed.Clear();
    }

    private void Enqueue(Candidate candidate) => _queue.Enqueue(candidate, (-candidate.Count, candidate.Pair.Left, candidate.Pair.Right));
}
