using System.Runtime.CompilerServices;

namespace Attune.Text.TokenModels;

/// <summary>Pairs of tokens that merge: (left, right) → rank and the merged token. A hash table, filled once.</summary>
internal sealed class BpeMerges
{
    private readonly ulong[] _keys;   // left << 32 | right, + 1; 0 is free
    private readonly (int Rank, int Merged)[] _merges;

    public BpeMerges(IReadOnlyList<(int Left, int Right, int Merged)> merges)
    {
        var size = 16;
        while (size < 2 * merges.Count) size *= 2;
        (_keys, _merges) = (new ulong[size], new (int, int)[size]);
        foreach (var (rank, (left, right, merged)) in merges.Index())
        {
            // A pair named twice has its later rank.
            var slot = Slot(Key(left, right));
            (_keys[slot], _merges[slot]) = (Key(left, right), (rank, merged));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(int left, int right, out (int Rank, int Merged) merge)
    {
        var key = Key(left, right);
        var slot = Slot(key);
        merge = _merges[slot];
        return _keys[slot] == key;
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32 | (uint)right) + 1;

    // The slot of a key, or the free one where it would go.
    private int Slot(ulong key)
    {
        var mask = _keys.Length - 1;
        var slot = (int)(key * 0x9E3779B97F4A7C15 >> 33) & mask;
        while (_keys[slot] != key && _keys[slot] != 0) slot = (slot + 1) & mask;
        return slot;
    }
}
