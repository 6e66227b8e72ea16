namespace Attune.Text;

/// <summary>Tokens as they are made: id, range in the text, and the text where it is not the vocabulary's entry.</summary>
internal sealed class TokenList
{
    private int[] _ids = new int[64];
    private int[] _starts = new int[64];
    private int[] _ends = new int[64];
    private int[] _words = new int[64];
    private Dictionary<int, string>? _texts;

    public int Count { get; private set; }

    /// <summary>Added to each token's offsets: where the piece under way begins.</summary>
    public int Offset { get; set; }

    /// <summary>Given to each token: the index of the word under way.</summary>
    public int Word { get; set; }

    public Span<int> Ids => _ids.AsSpan(0, Count);

    public Span<int> Starts => _starts.AsSpan(0, Count);

    public Span<int> Ends => _ends.AsSpan(0, Count);

    public Span<int> Words => _words.AsSpan(0, Count);

    /// <summary>Texts of the tokens whose text is not the vocabulary's entry; null when there is none.</summary>
    public Dictionary<int, string>? Texts => _texts is { Count: > 0 } ? _texts : null;

    public void Clear()
    {
        Count = 0;
        _texts?.Clear();
        if (_ids.Length > 1 << 20) (_ids, _starts, _ends, _words) = (new int[64], new int[64], new int[64], new int[64]);
    }

    /// <summary>Adds a token; <paramref name="start"/> and <paramref name="end"/> count from the piece's beginning.</summary>
    public void Add(int id, int start, int end)
    {
        if (Count == _ids.Length) Grow();
        _ids[Count] = id;
        _starts[Count] = Offset + start;
        _ends[Count] = Offset + end;
        _words[Count++] = Word;
    }

    public void Add(int id, int start, int end, string text)
    {
        (_texts ??= [])[Count] = text;
        Add(id, start, end);
    }

    private void Grow()
    {
        Array.Resize(ref _ids, 2 * Count);
        Array.Resize(ref _starts, 2 * Count);
        Array.Resize(ref _ends, 2 * Count);
        Array.Resize(ref _words, 2 * Count);
    }
}
