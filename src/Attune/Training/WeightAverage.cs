using System.Numerics;
using Attune.Engines;

namespace Attune.Training;

/// <summary>
/// Exponential moving average of everything that training changes, a ← a + (1 − d)·(w − a) after every step, with the warm-up d = min(decay, (1 + t) / (10 + t)) at step t
/// (0-based; TensorFlow's <c>ExponentialMovingAverage</c>). BatchNormalization's statistics are averaged with the weights, as timm's <c>ModelEmaV3</c> does.
/// </summary>
internal sealed class WeightAverage
{
    private readonly double _decay;
    private readonly (string Name, float[] Average, float[] Now)[] _entries;

    /// <summary>An average that starts at the model's present weights, or goes on from <paramref name="known"/>.</summary>
    public WeightAverage(CompiledModel model, double decay, IReadOnlyDictionary<string, float[]>? known)
    {
        _decay = decay;
        _entries = [.. model.Capture().Weights.Select(w => (w.Key, known is not null && known.TryGetValue(w.Key, out var average) ? (float[])average.Clone() : w.Value, new float[w.Value.Length]))];
    }

    /// <summary>Takes in the weights after step <paramref name="step"/>.</summary>
    public void Add(CompiledModel model, long step)
    {
        var share = (float)(1 - Math.Min(_decay, (1.0 + step) / (10.0 + step)));
        foreach (var (name, average, now) in _entries)
        {
            model.ReadWeight(name, now);
            Blend(average, now, share);
        }
    }

    /// <summary>Puts the average into the model; <see cref="Leave"/> puts the weights back, to the bit.</summary>
    public void Enter(CompiledModel model)
    {
        foreach (var (name, average, now) in _entries)
        {
            model.ReadWeight(name, now);
            model.WriteWeight(name, average);
        }
    }

    /// <summary>Undoes <see cref="Enter"/>.</summary>
    public void Leave(CompiledModel model)
    {
        foreach (var (name, _, now) in _entries) model.WriteWeight(name, now);
    }

    /// <summary>A copy of the average.</summary>
    public Dictionary<string, float[]> Copy() => _entries.ToDictionary(e => e.Name, e => (float[])e.Average.Clone(), StringComparer.Ordinal);

    private static void Blend(Span<float> average, ReadOnlySpan<float> now, float share)
    {
        var wide = new Vector<float>(share);
        var i = 0;
        for (; i + Vector<float>.Count <= average.Length; i += Vector<float>.Count)
        {
            var a = new Vector<float>(average[i..]);
            (a + (wide * (new Vector<float>(now[i..]) - a))).CopyTo(average[i..]);
        }
        for (; i < average.Length; i++) average[i] += share * (now[i] - average[i]);
    }
}
