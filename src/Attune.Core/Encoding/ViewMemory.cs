namespace Attune.Encoding;

/// <summary>Remembers what was made of the latest (sequence, view) pairs: a pass asks for each several times, for lengths, ids and positions. Thread-safe; what is made must follow from its address alone.</summary>
/// <param name="make">Makes the value of a sequence in a view.</param>
public sealed class ViewMemory<T>(Func<int, int, T> make)
{
    private const int Kept = 4096;

    private readonly Entry?[] _entries = new Entry?[Kept];

    private sealed record Entry(int Sequence, int View, T Value);

    /// <summary>The value, remembered or made.</summary>
    public T this[int sequence, int view]
    {
        get
        {
            var place = (int)((uint)(sequence * 31 + view) % Kept);
            if (Volatile.Read(ref _entries[place]) is { } known && known.Sequence == sequence && known.View == view) return known.Value;
            var value = make(sequence, view);
            Volatile.Write(ref _entries[place], new Entry(sequence, view, value));
            return value;
        }
    }
}
