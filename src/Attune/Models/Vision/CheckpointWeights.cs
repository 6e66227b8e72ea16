using Attune.Graphs;
using Attune.Weights;

namespace Attune.Models.Vision;

/// <summary>
/// The weights of a checkpoint, widened to float. What the network asks for and the checkpoint lacks, has in other sizes, or has beyond that
/// is reported all at once by the builder. <c>num_batches_tracked</c> entries are ignored.
/// </summary>
public sealed class CheckpointWeights : WeightSource
{
    private const long MaxPlaceholder = 1L << 28;
    private readonly WeightStore _store;
    private readonly string? _freshPrefix;
    private readonly ulong _seed;
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly List<string> _missing = [];
    private readonly List<string> _misshapen = [];
    private long _placeholders;

    /// <summary>Takes everything from <paramref name="weights"/>.</summary>
    public CheckpointWeights(WeightStore weights) => _store = weights;

    /// <summary>Takes everything from <paramref name="weights"/> but the layer called <paramref name="freshPrefix"/>, which starts anew: a head for other classes.</summary>
    public CheckpointWeights(WeightStore weights, string freshPrefix, ulong seed) => (_store, _freshPrefix, _seed) = (weights, freshPrefix, seed);

    internal override Tensor Take(string name, long[] sizes, Start start)
    {
        _taken.Add(name);
        if (IsFresh(name)) return start.Create(_seed, name, sizes);
        if (!_store.TryGet(name, out var weight)) _missing.Add(name);
        else if (!weight.Value.Sizes.SequenceEqual(sizes) || !weight.Value.Type.IsFloating()) _misshapen.Add($"'{name}' is {weight.Value}, expected Float[{string.Join(", ", sizes)}]");
        else return weight.Value.ToFloat();

        // the graph goes on, so that every problem is found
        _placeholders += Tensor.Product(sizes);
        if (_placeholders > MaxPlaceholder) Finish("the network");
        return Tensor.Of(new float[Tensor.Product(sizes)], sizes);
    }

    internal override void Finish(string network)
    {
        var unexpected = _store.All.SelectMany(w => w.Aliases.Prepend(w.Name)).Where(n => !_taken.Contains(n) && !IsFresh(n) && !Ignored(n)).ToList();
        if (_missing.Count + _misshapen.Count + unexpected.Count == 0) return;
        var lines = new List<string> { $"The checkpoint does not fit {network}." };
        if (_missing.Count > 0) lines.Add($"{_missing.Count} missing: {NearestName.Preview(_missing)}.");
        if (_misshapen.Count > 0) lines.Add($"{_misshapen.Count} of other sizes: {string.Join("; ", _misshapen.Take(10))}{(_misshapen.Count > 10 ? $" and {_misshapen.Count - 10} more" : "")}.");
        if (unexpected.Count > 0) lines.Add($"{unexpected.Count} unexpected: {NearestName.Preview(unexpected)}.");
        throw new WeightsException(string.Join(' ', lines));
    }

    private bool IsFresh(string name) => _freshPrefix is not null && (name == _freshPrefix + ".weight" || name == _freshPrefix + ".bias");

    private static bool Ignored(string name) => name.EndsWith("num_batches_tracked", StringComparison.Ordinal);
}
