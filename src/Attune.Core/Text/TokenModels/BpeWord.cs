namespace Attune.Text.TokenModels;

/// <summary>A word under byte-pair merging: a list of symbols, and a heap of the merges at hand, lowest rank first, then leftmost. n log n for n symbols.</summary>
internal sealed class BpeWord
{
    private Symbol[] _symbols = new Symbol[32];
    private (ulong Order, int Merged)[] _heap = new (ulong, int)[32];
    private int _heapCount;

    /// <summary>A token with its length in bytes (0 once it has been merged away) and its neighbours (−1 for none).</summary>
    internal record struct Symbol(int Id, int Length, int Previous, int Next);

    public int Count { get; private set; }

    public ReadOnlySpan<Symbol> Symbols => _symbols.AsSpan(0, Count);

    public void Clear() => (Count, _heapCount) = (0, 0);

    public void Add(int id, int length)
    {
        if (Count == _symbols.Length) Array.Resize(ref _symbols, 2 * Count);
        if (Count > 0) _symbols[Count - 1].Next = Count;
        _symbols[Count] = new(id, length, Count - 1, -1);
        Count++;
    }

    public void Merge(BpeMerges merges)
    {
        for (var i = 0; i + 1 < Count; i++) Offer(merges, i, i + 1);
        while (_heapCount > 0)
        {
            var (order, merged) = Pop();
            var at = (int)(uint)order;
            var next = _symbols[at].Next;
            if (_symbols[at].Length == 0 || next < 0) continue;
            // The pair may have changed since; it still counts when it makes the same token.
            if (!merges.TryGet(_symbols[at].Id, _symbols[next].Id, out var now) || now.Merged != merged) continue;
            var right = _symbols[next];
            _symbols[at] = _symbols[at] with { Id = merged, Length = _symbols[at].Length + right.Length, Next = right.Next };
            _symbols[next].Length = 0;
            if (right.Next >= 0) _symbols[right.Next].Previous = at;
            if (_symbols[at].Previous >= 0) Offer(merges, _symbols[at].Previous, at);
            if (right.Next >= 0) Offer(merges, at, right.Next);
        }
    }

    private void Offer(BpeMerges merges, int left, int right)
    {
        if (!merges.TryGet(_symbols[left].Id, _symbols[right].Id, out var merge)) return;
        if (_heapCount == _heap.Length) Array.Resize(ref _heap, 2 * _heapCount);
        var entry = ((ulong)merge.Rank << 32 | (uint)left, merge.Merged);
        var i = _heapCount++;
        while (i > 0 && _heap[(i - 1) / 2].Order > entry.Item1)
        {
            _heap[i] = _heap[(i - 1) / 2];
            i = (i - 1) / 2;
        }
        _heap[i] = entry;
    }

    private (ulong Order, int Merged) Pop()
    {
        var top = _heap[0];
        var last = _heap[--_heapCount];
        var i = 0;
        for (int child; (child = 2 * i + 1) < _heapCount; i = child)
        {
            if (child + 1 < _heapCount && _heap[child + 1].Order < _heap[child].Order) child++;
            if (_heap[child].Order >= last.Order) break;
            _heap[i] = _heap[child];
        }
        _heap[i] = last;
        return top;
    }
}
