using System.Buffers.Binary;

namespace Attune.Runs;

/// <summary>The 64-bit hashes of rows that a model was trained or validated on, which keep those rows out of every later test split.</summary>
public static class SeenRows
{
    /// <summary>Writes sorted hashes, little-endian.</summary>
    public static void Write(string path, ReadOnlySpan<ulong> hashes)
    {
        var bytes = new byte[hashes.Length * sizeof(ulong)];
        for (var i = 0; i < hashes.Length; i++) BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * sizeof(ulong)), hashes[i]);
        AtomicFile.WriteAllBytes(path, bytes);
    }

    /// <summary>Reads the hashes of a model folder.</summary>
    /// <exception cref="DataFormatException">The file is missing or cut.</exception>
    public static ulong[] Read(string path)
    {
        byte[] bytes;
        try { bytes = File.ReadAllBytes(path); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException(path, null, null, "cannot be read. Without it nobody knows which rows the earlier model has seen, and the verdict could be too good. Copy the whole model folder.", e);
        }
        if (bytes.Length % sizeof(ulong) != 0) throw new DataFormatException(path, null, null, $"holds {bytes.Length} bytes, which is no multiple of 8: it is damaged. Copy the whole model folder.");
        var hashes = new ulong[bytes.Length / sizeof(ulong)];
        for (var i = 0; i < hashes.Length; i++) hashes[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(i * sizeof(ulong)));
        return hashes;
    }

    /// <summary>Both sets, sorted, without repeats.</summary>
    public static ulong[] Union(IEnumerable<ulong> first, IEnumerable<ulong> second)
    {
        var all = new SortedSet<ulong>(first);
        all.UnionWith(second);
        return [.. all];
    }
}
