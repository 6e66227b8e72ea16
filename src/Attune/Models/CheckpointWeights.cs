using Attune.Graphs;
using Attune.Weights;

namespace Attune.Models;

/// <summary>
/// The weights of a checkpoint, widened to float. What the network asks for and the checkpoint lacks, has in other sizes, or has beyond that
/// is reported all at once by the builder. <c>num_batches_tracked</c> entries are ignored.
/// </summary>
public sealed class CheckpointWeights : WeightSource
{
    private const long MaxPlaceholder = 1L << 28;
    private readonly WeightStore _store;
    private readonly Func<string, bool> _isFresh = _ => false;
    private readonly Func<string, bool> _mayBeMissing = _ => false;
    private readonly bool _refusesUnexpected = true;
    private readonly ulong _seed;
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly List<string> _missing = [];
    private readonly List<string> _misshapen = [];
    private readonly List<string> _fresh = [];
    private long _placeholders;

    /// <summary>Takes everything from <paramref name="weights"/>.</summary>
    public CheckpointWeights(WeightStore weights) => _store = weights;

    /// <summary>Takes everything from <paramref name="weights"/> but the layer called <paramref name="freshPrefix"/>, which starts anew: a head for other classes.</summary>
    public CheckpointWeights(WeightStore weights, string freshPrefix, ulong seed)
        => (_store, _isFresh, _seed) = (weights, name => name == freshPrefix + ".weight" || name == freshPrefix + ".bias", seed);

    /// <summary>Takes from <paramref name="weights"/> what fits; names that may be missing start anew where the checkpoint lacks them or has them in other sizes, and what is left over is reported, not refused.</summary>
    /// <param name="weights">The checkpoint's entries.</param>
    /// <param name="isFresh">Names that start anew in any case.</param>
    /// <param name="mayBeMissing">Names that may start anew: those of heads.</param>
    /// <param name="seed">Seed of what starts anew.</param>
    internal CheckpointWeights(WeightStore weights, Func<string, bool> isFresh, Func<string, bool> mayBeMissing, ulong seed)
        => (_store, _isFresh, _mayBeMissing, _refusesUnexpected, _seed) = (weights, isFresh, mayBeMissing, false, seed);

    /// <summary>Names that started anew, in the order of the network.</summary>
    internal IReadOnlyList<string> Fresh => _fresh;

    /// <summary>Names of the checkpoint that the network did not ask for.</summary>
    internal IReadOnlyList<string> Unexpected => [.. _store.All.Where(w => !w.Aliases.Prepend(w.Name).Any(_taken.Contains)).Select(w => w.Name)];

    internal override Tensor Take(string name, long[] sizes, Start start)
    {
        _taken.Add(name);
        if (_isFresh(name)) return Anew(name, sizes, start);
        if (!_store.TryGet(name, out var weight))
        {
            if (_mayBeMissing(name)) return Anew(name, sizes, start);
            _missing.Add(name);
        }
        else if (!weight.Value.Sizes.SequenceEqual(sizes) || !weight.Value.Type.IsFloating())
        {
            if (_mayBeMissing(name)) return Anew(name, sizes, start);
            _misshapen.Add($"'{name}' is {weight.Value}, expected Float[{string.Join(", ", sizes)}]");
        }
        else return weight.Value.ToFloat();

        // the graph goes on, so that every problem is found
        _placeholders += Tensor.Product(sizes);
        if (_placeholders > MaxPlaceholder) Finish("the network");
        return Tensor.Of(new float[Tensor.Product(sizes)], sizes);
    }

    internal override void Finish(string network)
    {
        List<string> unexpected = _refusesUnexpected ? [.. _store.All.SelectMany(w => w.Aliases.Prepend(w.Name)).Where(n => !_taken.Contains(n) && !_isFresh(n) && !Ignored(n))] : [];
        if (_missing.Count + _misshapen.Count + unexpected.Count == 0) return;
        var lines = new List<string> { $"The checkpoint does not fit {network}." };
        if (_missing.Count > 0) lines.Add($"{_missing.Count} missing: {NearestName.Preview(_missing)}.");
        if (_misshapen.Count > 0) lines.Add($"{_misshapen.Count} of other sizes: {string.Join("; ", _misshapen.Take(10))}{(_misshapen.Count > 10 ? $" and {_misshapen.Count - 10} more" : "")}.");
        if (unexpected.Count > 0) lines.Add($"{unexpected.Count} unexpected: {NearestName.Preview(unexpected)}.");
        throw new WeightsException(string.Join(' ', lines));
    }

    private Tensor Anew(string name, long[] sizes, Start start)
    {
        _fresh.Add(name);
        return start.Create(_seed, name, sizes);
    }

    private static bool Ignored(string name) => name.EndsWith("num_batches_tracked", StringComparison.Ordinal);
}
