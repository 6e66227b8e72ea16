using System.Numerics;
using System.Runtime.InteropServices;

namespace Attune.Data;

/// <summary>Numbers distinct byte strings 0, 1, 2, … in order of first appearance, without a string per lookup.</summary>
internal sealed class ByteDictionary
{
    private byte[] _bytes = new byte[1024];
    private readonly List<int> _ends = [];
    private readonly List<int> _counts = [];
    private uint[] _hashes = new uint[64];
    private int[] _slots = NewSlots(64);

    /// <summary>Number of distinct strings.</summary>
    public int Count => _ends.Count;

    /// <summary>How often each string was added.</summary>
    public ReadOnlySpan<int> Counts => CollectionsMarshal.AsSpan(_counts);

    /// <summary>The bytes of a string.</summary>
    public ReadOnlySpan<byte> this[int code]
    {
        get
        {
            var start = code == 0 ? 0 : _ends[code - 1];
            return _bytes.AsSpan(start, _ends[code] - start);
        }
    }

    /// <summary>The number of <paramref name="text"/>, a new one when it is seen first.</summary>
    public int Add(ReadOnlySpan<byte> text)
    {
        var hash = Hash(text);
        var slot = (int)(hash & (uint)(_slots.Length - 1));
        while (_slots[slot] is var code and >= 0)
        {
            if (_hashes[code] == hash && this[code].SequenceEqual(text))
            {
                CollectionsMarshal.AsSpan(_counts)[code]++;
                return code;
            }
            slot = (slot + 1) & (_slots.Length - 1);
        }
        return Append(text, hash, slot);
    }

    /// <summary>All strings in order.</summary>
    public string[] ToStrings()
    {
        var strings = new string[Count];
        for (var i = 0; i < strings.Length; i++) strings[i] = System.Text.Encoding.UTF8.GetString(this[i]);
        return strings;
    }

    private int Append(ReadOnlySpan<byte> text, uint hash, int slot)
    {
        var code = Count;
        var start = code == 0 ? 0 : _ends[code - 1];
        if (start + text.Length > _bytes.Length) Array.Resize(ref _bytes, checked((int)Math.Min(Array.MaxLength, Math.Max(_bytes.Length * 2L, start + (long)text.Length))));
        text.CopyTo(_bytes.AsSpan(start));
        _ends.Add(start + text.Length);
        _counts.Add(1);
        if (code == _hashes.Length) Array.Resize(ref _hashes, code * 2);
        _hashes[code] = hash;
        _slots[slot] = code;
        if (Count * 2 > _slots.Length) Rehash();
        return code;
    }

    private void Rehash()
    {
        _slots = NewSlots(_slots.Length * 4);
        for (var code = 0; code < Count; code++)
        {
            var slot = (int)(_hashes[code] & (uint)(_slots.Length - 1));
            while (_slots[slot] >= 0) slot = (slot + 1) & (_slots.Length - 1);
            _slots[slot] = code;
        }
    }

    private static int[] NewSlots(int size)
    {
        var slots = new int[size];
        Array.Fill(slots, -1);
        return slots;
    }

    private static uint Hash(ReadOnlySpan<byte> text)
    {
        var hash = (ulong)text.Length * 0x9E3779B97F4A7C15UL;
        while (text.Length >= 8)
        {
            hash = BitOperations.RotateLeft((hash ^ MemoryMarshal.Read<ulong>(text)) * 0xC2B2AE3D27D4EB4FUL, 31);
            text = text[8..];
        }
        foreach (var b in text) hash = (hash ^ b) * 0x100000001B3UL;
        hash ^= hash >> 32;
        return (uint)((hash * 0x9E3779B97F4A7C15UL) >> 32);
    }
}
