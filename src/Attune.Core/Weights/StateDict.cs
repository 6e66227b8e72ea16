using Attune.Graphs;

namespace Attune.Weights;

/// <summary>Finds the named tensors in what a pickle holds, and brings them into memory.</summary>
internal static class StateDict
{
    // Where training programs put the weights beside optimizer state and counters.
    private static readonly string[] _places = ["state_dict", "model_state_dict", "model", "model_state", "net", "weights", "state_dict_ema", "model_ema"];

    /// <summary>The tensors as a checkpoint.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="format">Format name.</param>
    /// <param name="root">What the pickle holds.</param>
    /// <param name="fetch">Bytes of a storage.</param>
    /// <param name="fileLength">Bytes in the file; bounds what copies may take.</param>
    public static Checkpoint Read(string path, string format, object? root, Func<PickleStorage, TensorBuffer> fetch, long fileLength)
    {
        var dict = Find(root) ?? throw new DataFormatException(path, null, null,
            $"The checkpoint holds no dict of named tensors, neither at the top nor under {string.Join(", ", _places.Select(p => $"'{p}'"))}. Save it with torch.save(model.state_dict(), path).");
        var names = new Dictionary<string, PickleTensor>(StringComparer.Ordinal);
        foreach (var (key, value) in dict.Items)
        {
            if (value is not PickleTensor tensor) continue;
            if (key is not string name) throw new DataFormatException(path, null, null, "The checkpoint names a tensor with something other than text.");
            if (!names.TryAdd(name, tensor)) throw new DataFormatException(path, null, null, $"The checkpoint holds the tensor '{name}' twice.");
        }

        var store = new WeightStore();
        var budget = 4 * fileLength + (1 << 24);
        foreach (var same in names.GroupBy(n => n.Value.Identity))
        {
            var all = same.Select(n => n.Key).ToList();
            store.Add(Checkpoint.Entry(all[0], Load(path, all[0], same.First().Value, fetch, ref budget), all[1..]));
        }
        var (weights, prefix) = Checkpoint.Unwrap(store);
        return new Checkpoint(path, format, weights, prefix, new Dictionary<string, string>());
    }

    private static PickleDict? Find(object? root)
    {
        if (root is not PickleDict dict) return null;
        if (dict.Items.Any(i => i.Value is PickleTensor)) return dict;
        return _places.Select(p => dict.Find(p)).OfType<PickleDict>().FirstOrDefault(d => d.Items.Any(i => i.Value is PickleTensor));
    }

    private static Tensor Load(string path, string name, PickleTensor tensor, Func<PickleStorage, TensorBuffer> fetch, ref long budget)
    {
        var (storage, type) = (fetch(tensor.Storage), tensor.Storage.Type);
        if (tensor.IsContiguous && tensor.Count == tensor.Storage.Count) return new Tensor(type, tensor.Sizes, storage);
        var length = type.ByteLength(tensor.Count);
        budget -= length;
        if (budget < 0) throw new DataFormatException(path, null, null, $"The checkpoint's tensors share storages so often that they need far more memory than the file has; refused at '{name}'.");
        var size = type.Bits() / 8;
        if (tensor.Count == 0) return new Tensor(type, tensor.Sizes, TensorBuffer.Allocate(0));
        if (tensor.IsContiguous) return new Tensor(type, tensor.Sizes, storage.Slice(tensor.Offset * size, length).Copy());
        var copy = TensorBuffer.Allocate(length);
        Gather(tensor, storage, copy, size);
        return new Tensor(type, tensor.Sizes, copy);
    }

    // Row-major order over the view's own strides.
    private static void Gather(PickleTensor tensor, TensorBuffer source, TensorBuffer target, int size)
    {
        var index = new long[tensor.Sizes.Count];
        var place = tensor.Offset;
        for (long i = 0; i < tensor.Count; i++)
        {
            source.Span<byte>(place * size, size).CopyTo(target.Span<byte>(i * size, size));
            for (var axis = index.Length - 1; axis >= 0; axis--)
            {
                place += tensor.Strides[axis];
                if (++index[axis] < tensor.Sizes[axis]) break;
                place -= tensor.Strides[axis] * tensor.Sizes[axis];
                index[axis] = 0;
            }
        }
    }
}
