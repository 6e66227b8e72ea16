using Attune.Engines;
using Attune.Models.Text;
using Attune.Weights;

namespace Attune.Prediction;

/// <summary>
/// Several adapters over one base: each is a predictor of its own, and the base's weights are in memory once. Changing from one to another loads nothing; each gives the same bits whatever was asked before.
/// Immutable and thread-safe.
/// </summary>
/// <example><code>
/// using var adapters = AdapterSet.Load("bert", new Dictionary&lt;string, string&gt; { ["mood"] = "runs/mood", ["topic"] = "runs/topic" });
/// var mood = adapters["mood"].Predict(new Dictionary&lt;string, object?&gt; { ["review"] = "good coffee" });
/// </code></example>
public sealed class AdapterSet : IDisposable
{
    private readonly SharedWeights _shared = new();
    private readonly Dictionary<string, Predictor> _predictors = new(StringComparer.Ordinal);

    private AdapterSet() { }

    /// <summary>Names of the adapters, in the order they were given.</summary>
    public IReadOnlyList<string> Names { get; private init; } = [];

    /// <summary>Tensors that are held once for all adapters.</summary>
    public int SharedTensors => _shared.Count;

    /// <summary>The predictor of an adapter.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="OptionsException">There is none of that name.</exception>
    public Predictor this[string name] => _predictors.TryGetValue(name, out var predictor) ? predictor
        : throw new OptionsException($"There is no adapter '{name}'.{NearestName.Hint(name, Names)} Loaded: {string.Join(", ", Names)}.");

    /// <summary>Reads a base and its adapters.</summary>
    /// <param name="baseModel">The Hugging Face folder or checkpoint that all of them belong to.</param>
    /// <param name="adapters">Name → folder of an adapter, or a run of a method that adds weights.</param>
    /// <exception cref="DataFormatException">A folder holds no adapter, or a file is damaged.</exception>
    /// <exception cref="WeightsException">An adapter belongs to another base.</exception>
    public static AdapterSet Load(string baseModel, IReadOnlyDictionary<string, string> adapters)
    {
        var set = new AdapterSet { Names = [.. adapters.Keys] };
        try
        {
            AdapterBase? first = null;
            foreach (var (name, folder) in adapters)
            {
                var adapter = AdapterFolder.Read(folder, baseModel);
                var model = adapter.LoadBase();
                first ??= model;
                var network = adapter.Load(Sharing(model, first));
                set._predictors.Add(name, new Predictor(network, (graph, options) => ModelEngine.Compile(graph, options with { Shared = set._shared })));
            }
            return set;
        }
        catch
        {
            set.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var predictor in _predictors.Values) predictor.Dispose();
        _shared.Dispose();
    }

    // What both have from the base's files is one tensor; heads differ.
    private static AdapterBase Sharing(AdapterBase model, AdapterBase first)
    {
        if (ReferenceEquals(model, first)) return model;
        var weights = new WeightStore(model.Graph.Weights.All);
        foreach (var weight in model.Graph.Weights.All.Where(w => !model.Fresh.Contains(w.Name) && !first.Fresh.Contains(w.Name)))
        {
            if (first.Graph.Weights.TryGet(weight.Name, out var other) && other.Name == weight.Name && other.Value.Sizes.SequenceEqual(weight.Value.Sizes)) weights.Replace(weight with { Value = other.Value });
        }
        return model with { Graph = model.Graph with { Weights = weights } };
    }
}
