using Attune.Graphs;

namespace Attune.Weights;

/// <summary>A name that a pickle refers to, one of the few that are allowed.</summary>
internal sealed record PickleGlobal(string Name);

/// <summary>A dict or OrderedDict in order of insertion.</summary>
internal sealed class PickleDict
{
    /// <summary>Keys and values as they came; a later equal key stands behind the earlier one.</summary>
    public List<(object? Key, object? Value)> Items { get; } = [];

    /// <summary>The last value under a text key, or null.</summary>
    public object? Find(string key) => Items.FindLast(i => i.Key is string text && text == key).Value;
}

/// <summary>Memory of one element type that lies elsewhere in the file.</summary>
/// <param name="Key">Name of the storage in the file.</param>
/// <param name="Type">Element type.</param>
/// <param name="Count">Elements.</param>
internal sealed record PickleStorage(string Key, DataType Type, long Count);

/// <summary>A view of a storage; checked to lie inside it.</summary>
internal sealed record PickleTensor(PickleStorage Storage, long Offset, IReadOnlyList<long> Sizes, IReadOnlyList<long> Strides)
{
    /// <summary>Elements of the view.</summary>
    public long Count { get; } = Tensor.Product(Sizes);

    /// <summary>True when the elements lie one behind the other, row-major.</summary>
    public bool IsContiguous
    {
        get
        {
            long expected = 1;
            for (var i = Sizes.Count - 1; i >= 0; i--)
            {
                if (Sizes[i] != 1 && Strides[i] != expected) return false;
                expected *= Sizes[i];
            }
            return true;
        }
    }

    /// <summary>Two names of the same memory, seen the same way: tied weights.</summary>
    public string Identity => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Storage.Key}@{Offset}[{string.Join(',', Sizes)}]/{string.Join(',', Strides)}");
}
