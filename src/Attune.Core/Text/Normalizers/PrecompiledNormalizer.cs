using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Attune.Text.Normalizers;

/// <summary>
/// A character map of SentencePiece: a double array over UTF-8 bytes, and replacements that end in NUL. As in the tokenizers library, a grapheme cluster below six bytes is
/// looked up whole first, and then the replacement of its shortest prefix stands for all of it; otherwise code point by code point.
/// </summary>
internal sealed class PrecompiledNormalizer : Normalizer
{
    private readonly uint[] _units;
    private readonly byte[] _replacements;
    private readonly ConcurrentDictionary<int, int[]> _decoded = new();
    private readonly int[]?[] _ascii = new int[]?[128];

    /// <exception cref="FormatException">The bytes are no character map.</exception>
    public PrecompiledNormalizer(ReadOnlySpan<byte> charsMap)
    {
        if (charsMap.Length < 4) throw new FormatException("it is shorter than its header");
        var size = BinaryPrimitives.ReadUInt32LittleEndian(charsMap);
        if (size > charsMap.Length - 4 || size < 4) throw new FormatException($"its trie has {size} bytes, the map {charsMap.Length}");
        _units = new uint[size / 4];
        for (var i = 0; i < _units.Length; i++) _units[i] = BinaryPrimitives.ReadUInt32LittleEndian(charsMap[(4 + 4 * i)..]);
        _replacements = charsMap[(4 + 4 * _units.Length)..].ToArray();
        for (var c = 0; c < 128; c++) _ascii[c] = Find([(byte)c]);
    }

    public override void Apply(AlignedText text)
    {
        var units = text.Span;
        var start = FirstOfInterest(units);
        if (start == units.Length) return;
        var changes = new List<(int CodePoint, int Change)>(units.Length + 16);
        var modified = false;
        for (var i = 0; i < units.Length;)
        {
            var c = units[i];
            if (c < 128 && c != '\r' && (i + 1 == units.Length || units[i + 1] < 128))
            {
                modified |= Replace(changes, _ascii[c], c);
                i++;
                continue;
            }
            var length = StringInfo.GetNextTextElementLength(units[i..]);
            modified |= AddCluster(changes, units.Slice(i, length));
            i += length;
        }
        if (modified) text.Transform(changes);
    }

    // A text of ASCII without rules stays as it is.
    private int FirstOfInterest(ReadOnlySpan<char> units)
    {
        var i = 0;
        while (i < units.Length && units[i] < 128 && _ascii[units[i]] is null) i++;
        return i;
    }

    private bool AddCluster(List<(int CodePoint, int Change)> changes, ReadOnlySpan<char> cluster)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (cluster.Length < 6 && System.Text.Encoding.UTF8.TryGetBytes(cluster, bytes, out var count) && count < 6 && Find(bytes[..count]) is { } whole)
        {
            var codePoints = 0;
            foreach (var _ in cluster.EnumerateRunes()) codePoints++;
            Add(changes, whole, codePoints);
            return true;
        }
        var modified = false;
        foreach (var rune in cluster.EnumerateRunes())
        {
            var found = Find(bytes[..rune.EncodeToUtf8(bytes)]);
            modified |= Replace(changes, found, rune.Value);
        }
        return modified;
    }

    private static bool Replace(List<(int CodePoint, int Change)> changes, int[]? replacement, int codePoint)
    {
        if (replacement is null) changes.Add((codePoint, 0));
        else Add(changes, replacement, 1);
        return replacement is not null;
    }

    private static void Add(List<(int CodePoint, int Change)> changes, int[] replacement, int replaced)
    {
        var more = replacement.Length - replaced;
        for (var i = 0; i < replacement.Length; i++) changes.Add((replacement[i], i >= replacement.Length - more ? 1 : 0));
        if (more < 0 && changes.Count > 0) changes[^1] = changes[^1] with { Change = changes[^1].Change + more };
    }

    /// <summary>The replacement of the shortest prefix that has one.</summary>
    private int[]? Find(ReadOnlySpan<byte> key)
    {
        var node = Offset(_units[0]);
        foreach (var b in key)
        {
            if (b == 0) return null;
            node ^= b;
            if (node >= (uint)_units.Length) return null;
            var unit = _units[node];
            if ((unit & (1u << 31 | 0xFF)) != b) return null;
            node ^= Offset(unit);
            if ((unit >> 8 & 1) == 0) continue;
            return node < (uint)_units.Length ? _decoded.GetOrAdd((int)(_units[node] & int.MaxValue), Decode) : null;
        }
        return null;
    }

    private static uint Offset(uint unit) => unit >> 10 << (int)((unit & 1u << 9) >> 6);

    private int[] Decode(int start)
    {
        if (start >= _replacements.Length) return [];
        var rest = _replacements.AsSpan(start);
        var end = rest.IndexOf((byte)0);
        return [.. System.Text.Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]).EnumerateRunes().Select(r => r.Value)];
    }
}
