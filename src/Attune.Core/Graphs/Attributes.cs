using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Attune.Graphs;

/// <summary>
/// Attributes of a node. A value is one of: <see cref="long"/>, <see cref="float"/>, <see cref="string"/>, <see cref="Tensor"/>, <see cref="Graph"/>,
/// or an array of <see cref="long"/>, <see cref="float"/>, <see cref="string"/>, <see cref="Tensor"/> or <see cref="Graph"/>.
/// </summary>
public sealed class Attributes : IReadOnlyDictionary<string, object>
{
    private readonly Dictionary<string, object> _values;

    /// <summary>No attributes.</summary>
    public static Attributes None { get; } = new([]);

    /// <summary>The given attributes; a value of another type is refused.</summary>
    /// <exception cref="ArgumentException">A value has a type that ONNX attributes cannot hold.</exception>
    public Attributes(IEnumerable<KeyValuePair<string, object>> values)
    {
        _values = new Dictionary<string, object>(values, StringComparer.Ordinal);
        foreach (var (name, value) in _values)
        {
            if (value is not (long or float or string or Tensor or Graph or long[] or float[] or string[] or Tensor[] or Graph[] or AttributeReference))
                throw new ArgumentException($"Attribute '{name}' has type {value.GetType().Name}; ONNX attributes hold long, float, string, Tensor, Graph or arrays of these.", nameof(values));
        }
    }

    /// <summary>Attributes from pairs, for builders.</summary>
    public static Attributes Of(params (string Name, object Value)[] values) => new(values.Select(v => KeyValuePair.Create(v.Name, v.Value)));

    /// <summary>Integer attribute, or <paramref name="fallback"/> when absent or of another type.</summary>
    public long Int(string name, long fallback = 0) => _values.TryGetValue(name, out var value) && value is long number ? number : fallback;

    /// <summary>Real attribute, or <paramref name="fallback"/> when absent or of another type.</summary>
    public float Float(string name, float fallback = 0) => _values.TryGetValue(name, out var value) && value is float number ? number : fallback;

    /// <summary>Text attribute, or <paramref name="fallback"/> when absent or of another type.</summary>
    public string Text(string name, string fallback = "") => _values.TryGetValue(name, out var value) && value is string text ? text : fallback;

    /// <summary>Attribute of type <typeparamref name="T"/> (a class or array), or null when absent or of another type.</summary>
    public T? Get<T>(string name) where T : class => _values.TryGetValue(name, out var value) ? value as T : null;

    /// <inheritdoc/>
    public object this[string key] => _values[key];

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _values.Keys;

    /// <inheritdoc/>
    public IEnumerable<object> Values => _values.Values;

    /// <inheritdoc/>
    public int Count => _values.Count;

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _values.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out object value) => _values.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
