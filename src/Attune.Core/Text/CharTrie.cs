using System.Runtime.CompilerServices;

namespace Attune.Text;

/// <summary>A map from texts to numbers that is walked unit by unit: one hash table of (node, unit) → node.</summary>
internal sealed class CharTrie
{
    /// <summary>The root's node.</summary>
    public const int Root = 0;

    private long[] _keys = new long[1024];    // node × 65536 + unit + 1; 0 is free
    private int[] _children = new int[1024];
    private int[] _values = new int[512];
    private int _nodes = 1;

    public CharTrie() => Array.Fill(_values, -1);

    /// <summary>Units of the longest text.</summary>
    public int LongestLength { get; private set; }

    /// <summary>Maps <paramref name="text"/> to <paramref name="value"/> ≥ 0; false when it is mapped already, which stays.</summary>
    public bool TryAdd(ReadOnlySpan<char> text, int value)
    {
        var node = Root;
        foreach (var c in text)
        {
            var child = Child(node, c);
            node = child >= 0 ? child : AddChild(node, c);
        }
        if (_values[node] >= 0) return false;
        _values[node] = value;
        LongestLength = Math.Max(LongestLength, text.Length);
        return true;
    }

    /// <summary>The node below <paramref name="node"/> at <paramref name="unit"/>, or −1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Child(int node, char unit)
    {
        var key = ((long)node << 16) + unit + 1;
        var mask = _keys.Length - 1;
        for (var slot = Slot(key) & mask; ; slot = (slot + 1) & mask)
        {
            var found = _keys[slot];
            if (found == key) return _children[slot];
            if (found == 0) return -1;
        }
    }

    /// <summary>The number of the text that ends at <paramref name="node"/>, or −1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Value(int node) => _values[node];

    /// <summary>The node that <paramref name="text"/> leads to from the root, or −1.</summary>
    public int Find(ReadOnlySpan<char> text)
    {
        var node = Root;
        foreach (var c in text)
        {
            if ((node = Child(node, c)) < 0) return -1;
        }
        return node;
    }

    private int AddChild(int node, char unit)
    {
        if (_nodes * 2 > _keys.Length) Grow();
        if (_nodes == _values.Length)
        {
            Array.Resize(ref _values, 2 * _nodes);
            Array.Fill(_values, -1, _nodes, _nodes);
        }
        Insert(((long)node << 16) + unit + 1, _nodes);
        return _nodes++;
    }

    private void Grow()
    {
        var (keys, children) = (_keys, _children);
        _keys = new long[2 * keys.Length];
        _children = new int[_keys.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            if (keys[i] != 0) Insert(keys[i], children[i]);
        }
    }

    private void Insert(long key, int child)
    {
        var mask = _keys.Length - 1;
        var slot = Slot(key) & mask;
        while (_keys[slot] != 0) slot = (slot + 1) & mask;
        (_keys[slot], _children[slot]) = (key, child);
    }

    private static int Slot(long key) => (int)((ulong)key * 0x9E3779B97F4A7C15 >> 33);
}
