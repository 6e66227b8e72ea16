using Attune.Graphs;

namespace Attune.Engines;

/// <summary>
/// Copies of weights in an engine's own memory that several compiled models read: networks that only predict and have tensors in common, as one base with several adapters, hold these once. Thread-safe.
/// Dispose it after the models.
/// </summary>
public sealed class SharedWeights : IDisposable
{
    private readonly Dictionary<Tensor, IDisposable> _copies = new(ReferenceEqualityComparer.Instance);

    /// <summary>Number of tensors that are held.</summary>
    public int Count
    {
        get { lock (_copies) return _copies.Count; }
    }

    /// <summary>The copy of a stored tensor, made at first.</summary>
    /// <param name="stored">The tensor of the weight store; the same object means the same copy.</param>
    /// <param name="copy">Makes the copy.</param>
    internal T Of<T>(Tensor stored, Func<T> copy) where T : class, IDisposable
    {
        lock (_copies)
        {
            if (_copies.TryGetValue(stored, out var known)) return (T)known;
            var made = copy();
            _copies.Add(stored, made);
            return made;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_copies)
        {
            foreach (var copy in _copies.Values) copy.Dispose();
            _copies.Clear();
        }
    }
}
