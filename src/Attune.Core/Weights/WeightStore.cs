using System.Diagnostics.CodeAnalysis;
using Attune.Graphs;

namespace Attune.Weights;

/// <summary>Named weights in insertion order. Names are the source's own keys; an alias finds the canonical entry.</summary>
public sealed class WeightStore
{
    private readonly Dictionary<string, Weight> _byName = new(StringComparer.Ordinal);
    private readonly List<Weight> _ordered = [];

    /// <summary>An empty store.</summary>
    public WeightStore() { }

    /// <summary>A store with the given entries; tensors are shared, not copied.</summary>
    public WeightStore(IEnumerable<Weight> weights)
    {
        foreach (var weight in weights) Add(weight);
    }

    /// <summary>All entries in insertion order, aliases not repeated.</summary>
    public IReadOnlyList<Weight> All => _ordered;

    /// <summary>The entry called <paramref name="name"/>.</summary>
    /// <exception cref="WeightsException">There is none.</exception>
    public Weight this[string name] => _byName.TryGetValue(name, out var weight)
        ? weight
        : throw new WeightsException($"There is no weight called '{name}' among the {_ordered.Count} of this model.");

    /// <summary>True when a name or alias exists.</summary>
    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <summary>Finds an entry by name or alias.</summary>
    public bool TryGet(string name, [MaybeNullWhen(false)] out Weight weight) => _byName.TryGetValue(name, out weight);

    /// <summary>Adds an entry.</summary>
    /// <exception cref="WeightsException">The name or an alias exists already.</exception>
    public void Add(Weight weight)
    {
        foreach (var name in weight.Aliases.Prepend(weight.Name))
        {
            if (!_byName.TryAdd(name, weight)) throw new WeightsException($"Two weights are called '{name}'.");
        }
        _ordered.Add(weight);
    }

    /// <summary>Adds a float parameter.</summary>
    public void Add(string name, Tensor value, WeightRole role = WeightRole.Parameter) => Add(new Weight(name, value, role));

    /// <summary>Replaces the entry of the same canonical name, keeping its place.</summary>
    public void Replace(Weight weight)
    {
        var old = this[weight.Name];
        _ordered[_ordered.IndexOf(old)] = weight;
        foreach (var name in old.Aliases.Prepend(old.Name)) _byName.Remove(name);
        foreach (var name in weight.Aliases.Prepend(weight.Name)) _byName[name] = weight;
    }

    /// <summary>Removes an entry with its aliases; nothing happens when there is none.</summary>
    public void Remove(string name)
    {
        if (!_byName.TryGetValue(name, out var weight)) return;
        _ordered.Remove(weight);
        foreach (var key in weight.Aliases.Prepend(weight.Name)) _byName.Remove(key);
    }

    /// <summary>A store with its own copy of every tensor's bytes, safe to train.</summary>
    public WeightStore DeepCopy() => new(_ordered.Select(w => w with
    {
        Value = w.Value.Type == DataType.String ? w.Value : new Tensor(w.Value.Type, w.Value.Sizes, w.Value.Data.Copy()),
    }));
}
