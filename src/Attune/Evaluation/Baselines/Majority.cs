using Attune.Encoding;
using Attune.Metrics;
using Attune.Tasks;

namespace Attune.Evaluation.Baselines;

/// <summary>Predicts the class frequencies of the training split for every row, hence its most frequent class.</summary>
public sealed class Majority : Baseline
{
    private readonly float[] _frequencies;

    /// <summary>Counts the classes of <paramref name="train"/>.</summary>
    public Majority(Classification task, EncodedSet train) : base(task)
    {
        var labels = ScoredSet.LabelsOf(task, train.Targets ?? throw new ArgumentException("A baseline needs targets.", nameof(train)));
        _frequencies = new float[task.Classes.Count];
        foreach (var label in labels) _frequencies[label]++;
        for (var k = 0; k < _frequencies.Length; k++) _frequencies[k] /= labels.Length;
    }

    /// <inheritdoc/>
    public override string Name => "majority";

    /// <inheritdoc/>
    public override float[] Predict(EncodedSet set)
    {
        var predictions = new float[set.Rows * _frequencies.Length];
        for (var row = 0; row < set.Rows; row++) _frequencies.CopyTo(predictions, row * _frequencies.Length);
        return predictions;
    }
}
