using System.IO.Compression;
using Attune.Graphs;

namespace Attune.Weights;

/// <summary>PyTorch's zip format (1.6 and newer): <c>NAME/data.pkl</c> beside stored entries <c>NAME/data/KEY</c>. Nothing is unpacked to disk.</summary>
internal static class TorchZip
{
    private const long MaxPickle = 256L << 20;

    /// <summary>Reads a file of <paramref name="length"/> bytes.</summary>
    public static Checkpoint Read(string path, long length)
    {
        try
        {
            using var archive = ZipFile.OpenRead(path);
            var entries = new Dictionary<string, ZipArchiveEntry>(StringComparer.Ordinal);
            foreach (var entry in archive.Entries)
            {
                if (!entries.TryAdd(entry.FullName, entry)) throw Bad(path, $"holds the entry '{entry.FullName}' twice");
            }
            var root = Root(path, entries);
            if (entries.TryGetValue(root + "byteorder", out var order) && order.Length <= 16 && Bytes(path, order, 16).AsSpan().StartsWith("big"u8)) throw Bad(path, "was written on a big-endian machine");
            var pickle = Bytes(path, entries[root + "data.pkl"], MaxPickle);
            var storages = new Dictionary<string, (DataType Type, TensorBuffer Data)>(StringComparer.Ordinal);
            return StateDict.Read(path, "torch zip", new Unpickler(path, pickle).Run(), Fetch, length);

            TensorBuffer Fetch(PickleStorage storage)
            {
                if (storages.TryGetValue(storage.Key, out var known)) return known.Type == storage.Type ? known.Data : throw Bad(path, $"reads storage '{storage.Key}' as {known.Type} and as {storage.Type}");
                if (!entries.TryGetValue(root + "data/" + storage.Key, out var entry)) throw Bad(path, $"lacks the entry '{root}data/{storage.Key}'");
                var data = Storage(path, entry, storage);
                storages.Add(storage.Key, (storage.Type, data));
                return data;
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or IOException or NotSupportedException or ArgumentException or OverflowException)
        {
            throw new DataFormatException(path, null, null, $"The checkpoint's zip archive is damaged: {e.Message}", e);
        }
    }

    private static string Root(string path, Dictionary<string, ZipArchiveEntry> entries)
    {
        var pickles = entries.Keys.Where(n => n == "data.pkl" || n.EndsWith("/data.pkl", StringComparison.Ordinal)).ToList();
        if (pickles.Count != 1) throw Bad(path, $"holds {pickles.Count} entries called data.pkl; one was expected");
        var root = pickles[0][..^"data.pkl".Length];
        if (entries.ContainsKey(root + "constants.pkl")) throw new DataFormatException(path, null, null, "This is a TorchScript program; save the tensors alone with torch.save(model.state_dict(), path).");
        return root;
    }

    private static TensorBuffer Storage(string path, ZipArchiveEntry entry, PickleStorage storage)
    {
        var needed = storage.Type.ByteLength(storage.Count);
        if (entry.Length != needed) throw Bad(path, $"stores {entry.Length} bytes under '{entry.FullName}'; {storage.Count} elements of {storage.Type} need {needed}");
        if (entry.CompressedLength != entry.Length) throw Bad(path, $"compresses the entry '{entry.FullName}'; PyTorch stores it as it is");
        var data = TensorBuffer.Allocate(needed);
        using var stream = entry.Open();
        const int Chunk = 1 << 22;
        for (long start = 0; start < needed; start += Chunk) stream.ReadExactly(data.Span<byte>(start, (int)Math.Min(Chunk, needed - start)));
        return data;
    }

    private static byte[] Bytes(string path, ZipArchiveEntry entry, long most)
    {
        if (entry.Length > most) throw Bad(path, $"has an entry '{entry.FullName}' of {entry.Length} bytes; at most {most} are accepted");
        if (entry.CompressedLength != entry.Length) throw Bad(path, $"compresses the entry '{entry.FullName}'; PyTorch stores it as it is");
        var bytes = new byte[entry.Length];
        using var stream = entry.Open();
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static DataFormatException Bad(string path, string what) => new(path, null, null, $"The checkpoint's zip archive {what}.");
}
