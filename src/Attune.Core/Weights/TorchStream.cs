using System.Buffers.Binary;
using System.Numerics;
using Attune.Graphs;

namespace Attune.Weights;

/// <summary>
/// PyTorch's older format (before 1.6): pickles of a magic number, a protocol number, facts about the machine, the object and the list of storage keys,
/// then per key an int64 count and the elements.
/// </summary>
internal static unsafe class TorchStream
{
    private static readonly BigInteger _magic = BigInteger.Parse("119547037146038801333356", System.Globalization.CultureInfo.InvariantCulture);   // 0x1950a86a20f9469cfc6c

    private const int MaxPickle = 256 << 20;

    /// <summary>Reads the mapped file.</summary>
    public static Checkpoint Read(MappedFile file)
    {
        var head = new ReadOnlySpan<byte>(file.Pointer, (int)Math.Min(file.Length, MaxPickle)).ToArray();
        var position = 0;
        if (Next() is not BigInteger magic || magic != _magic) throw Bad("does not start with PyTorch's number; it is some other pickle");
        if (Next() is not 1001L) throw Bad("has a protocol other than 1001");
        if (Next() is not PickleDict system || system.Find("little_endian") is false) throw Bad("was written on a big-endian machine");
        var root = Next();
        if (Next() is not List<object?> keys) throw Bad("lacks its list of storages");
        var places = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            if (key is not string name || !places.TryAdd(name, -1)) throw Bad("has a list of storages with a key that is no text or stands twice");
        }

        // Where each storage starts is known only when the one before has been measured; the tensors tell the types.
        var types = Storages(root);
        long start = position;
        foreach (var key in keys.Cast<string>())
        {
            if (!types.TryGetValue(key, out var storage)) throw Bad($"stores '{key}', which no tensor uses, so that its length is unknown");
            if (start > file.Length - 8) throw Bad($"ends before storage '{key}'");
            var count = BinaryPrimitives.ReadInt64LittleEndian(new ReadOnlySpan<byte>(file.Pointer + start, 8));
            if (count != storage.Count) throw Bad($"stores {count} elements under '{key}'; its tensors expect {storage.Count}");
            places[key] = start + 8;
            var length = storage.Type.ByteLength(count);
            if (length > file.Length - start - 8) throw Bad($"ends within storage '{key}'");
            start += 8 + length;
        }
        var read = StateDict.Read(file.Path, "torch legacy", root, Fetch, file.Length);
        GC.KeepAlive(file);
        return read;

        object? Next()
        {
            var machine = new Unpickler(file.Path, head.AsMemory(position));
            var value = machine.Run();
            position += machine.Position;
            return value;
        }

        TensorBuffer Fetch(PickleStorage storage) => places.TryGetValue(storage.Key, out var place) && place >= 0
            ? file.Elements(storage.Type, place, storage.Type.ByteLength(storage.Count), out _)
            : throw Bad($"lacks storage '{storage.Key}'");

        DataFormatException Bad(string what) => new(file.Path, null, null, $"The checkpoint {what}.");

        Dictionary<string, PickleStorage> Storages(object? value)
        {
            var found = new Dictionary<string, PickleStorage>(StringComparer.Ordinal);
            var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
            var open = new Stack<object?>([value]);
            while (open.TryPop(out var item))
            {
                if (item is PickleTensor tensor)
                {
                    if (!found.TryAdd(tensor.Storage.Key, tensor.Storage) && found[tensor.Storage.Key] != tensor.Storage) throw Bad($"reads storage '{tensor.Storage.Key}' in two ways");
                    continue;
                }
                if (item is null || !(item is PickleDict or List<object?> or object?[]) || !seen.Add(item)) continue;
                foreach (var inner in item switch { PickleDict dict => dict.Items.Select(i => i.Value), List<object?> list => list, _ => (object?[])item }) open.Push(inner);
            }
            return found;
        }
    }
}
