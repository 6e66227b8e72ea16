using System.Runtime.ExceptionServices;

namespace Attune.Batching.Images;

/// <summary>
/// Makes announced rows on threads of its own, in the order in which they were announced, while finished rows that wait to be read stay within a limit.
/// A reader takes what is finished, waits for what is being made, and makes the rest itself, so it never depends on the threads.
/// </summary>
/// <param name="width">Values per row.</param>
/// <param name="threads">Number of threads; they start with the first announcement.</param>
/// <param name="most">Most finished rows that wait.</param>
/// <param name="newMaker">Makes what a thread makes rows with: writes (row, view) to a span.</param>
internal sealed class ReadAhead(int width, int threads, int most, Func<ReadAhead.Maker> newMaker) : IDisposable
{
    /// <summary>Writes a row.</summary>
    public delegate void Maker(int row, int view, Span<float> destination);

    // All fields are guarded by _gate. An item is waiting (Node in _waiting), being made (no node, no result), or finished (Node in _finished).
    private readonly object _gate = new();
    private readonly Dictionary<(int Row, int View), Item> _items = [];
    private readonly LinkedList<Item> _waiting = new();
    private readonly LinkedList<Item> _finished = new();
    private readonly Stack<float[]> _spare = new();
    private readonly Stack<Maker> _makers = new();
    private readonly List<Thread> _threads = [];
    private int _held;
    private bool _disposed;

    /// <summary>Rows that are being made or wait finished.</summary>
    public int Held
    {
        get { lock (_gate) return _held; }
    }

    /// <summary>Announces rows; those already announced keep their place.</summary>
    public void Expect(ReadOnlySpan<int> rows, int view)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            foreach (var row in rows)
            {
                if (_items.ContainsKey((row, view))) continue;
                var item = new Item(row, view);
                _items.Add((row, view), item);
                _waiting.AddLast(item.Node);
            }
            Start();
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Writes rows, [rows, width]. The threads help with those that were not announced.</summary>
    public void Read(ReadOnlySpan<int> rows, int view, Span<float> destination)
    {
        if (rows.Length > 1) Hurry(rows, view);
        var open = new List<int>();
        for (var i = 0; i < rows.Length; i++) if (!TryTake((rows[i], view), destination.Slice(i * width, width), wait: false)) open.Add(i);
        if (open.Count == rows.Length) MakeRoom();
        // What nobody has begun is made here; then what the threads have begun is waited for.
        var begun = new List<int>();
        Maker? maker = null;
        foreach (var i in open)
        {
            var key = (rows[i], view);
            if (!TryClaim(key, out var beingMade) && beingMade) begun.Add(i);
            else (maker ??= Borrow())(rows[i], view, destination.Slice(i * width, width));
        }
        foreach (var i in begun)
        {
            if (!TryTake((rows[i], view), destination.Slice(i * width, width), wait: true)) (maker ??= Borrow())(rows[i], view, destination.Slice(i * width, width));
        }
        if (maker is not null) lock (_gate) _makers.Push(maker);
    }

    /// <summary>Ends the threads; rows that were not read are dropped.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            Monitor.PulseAll(_gate);
        }
        foreach (var thread in _threads) thread.Join();
    }

    // Puts rows that were not announced, or wait, to the front of the queue.
    private void Hurry(ReadOnlySpan<int> rows, int view)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            for (var i = rows.Length - 1; i >= 0; i--)
            {
                if (!_items.TryGetValue((rows[i], view), out var item)) _items.Add((rows[i], view), item = new Item(rows[i], view));
                else if (item.Node.List != _waiting) continue;
                else _waiting.Remove(item.Node);
                item.IsUrgent = true;
                _waiting.AddFirst(item.Node);
            }
            Start();
            Monitor.PulseAll(_gate);
        }
    }

    // Takes a finished row; false when it is not there, or (without waiting) not finished.
    private bool TryTake((int, int) key, Span<float> destination, bool wait)
    {
        Item? item;
        lock (_gate)
        {
            while (true)
            {
                if (!_items.TryGetValue(key, out item)) return false;
                if (item.Node.List == _finished) break;
                if (!wait || item.Node.List == _waiting) return false;
                Monitor.Wait(_gate);
            }
            Forget(item);
        }
        item.Error?.Throw();
        item.Values!.AsSpan(0, width).CopyTo(destination);
        lock (_gate) _spare.Push(item.Values!);
        return true;
    }

    // Takes a row out of the queue, to make it oneself; false with whether a thread has begun or finished it.
    private bool TryClaim((int, int) key, out bool beingMade)
    {
        lock (_gate)
        {
            beingMade = _items.TryGetValue(key, out var item) && item.Node.List != _waiting;
            if (item is null || beingMade) return false;
            Forget(item);
            return true;
        }
    }

    // A reader whose rows were not among the finished ones gives up the oldest of them: announced once, never read.
    private void MakeRoom()
    {
        lock (_gate)
        {
            if (_held < most || _finished.First is not { } oldest) return;
            var values = oldest.Value.Values;
            Forget(oldest.Value);
            if (values is not null) _spare.Push(values);
        }
    }

    private void Forget(Item item)
    {
        _items.Remove((item.Row, item.View));
        if (item.Node.List == _finished) _held--;
        item.Node.List?.Remove(item.Node);
        Monitor.PulseAll(_gate);
    }

    private Maker Borrow()
    {
        lock (_gate) if (_makers.TryPop(out var maker)) return maker;
        return newMaker();
    }

    private void Start()
    {
        while (_threads.Count < threads)
        {
            var thread = new Thread(Work) { IsBackground = true, Name = "pictures ahead" };
            _threads.Add(thread);
            thread.Start();
        }
    }

    private void Work()
    {
        var maker = newMaker();
        while (Next() is { } item)
        {
            ExceptionDispatchInfo? error = null;
            try
            {
                maker(item.Row, item.View, item.Values.AsSpan(0, width));
            }
            catch (Exception e)   // the reader gets it, whatever it is
            {
                error = ExceptionDispatchInfo.Capture(e);
            }
            lock (_gate)
            {
                item.Error = error;
                _finished.AddLast(item.Node);
                Monitor.PulseAll(_gate);
            }
        }
    }

    // The next row to make; null at the end.
    private Item? Next()
    {
        lock (_gate)
        {
            while (!_disposed)
            {
                if (_waiting.First?.Value is { } item && (_held < most || item.IsUrgent))
                {
                    _waiting.RemoveFirst();
                    _held++;
                    item.Values = _spare.TryPop(out var spare) ? spare : new float[width];
                    return item;
                }
                Monitor.Wait(_gate);
            }
            return null;
        }
    }

    private sealed class Item
    {
        public Item(int row, int view)
        {
            (Row, View) = (row, view);
            Node = new LinkedListNode<Item>(this);
        }

        public int Row { get; }

        public int View { get; }

        public LinkedListNode<Item> Node { get; }

        public bool IsUrgent { get; set; }

        public float[]? Values { get; set; }

        public ExceptionDispatchInfo? Error { get; set; }
    }
}
