using Attune.Encoding;
using Attune.Metrics;
using Attune.Tasks;

namespace Attune.Evaluation.Baselines;

/// <summary>Predicts the class frequencies of the training split for every row, hence its most frequent class; of several labels each one's frequency, of words the tags'.</summary>
public sealed class Majority : Baseline
{
    private readonly float[] _frequencies;

    /// <summary>Counts the classes or labels of <paramref name="train"/>.</summary>
    /// <exception cref="ArgumentException">The task is a regression, or there are no targets.</exception>
    public Majority(LearningTask task, EncodedSet train) : base(task)
    {
        var targets = train.Targets ?? throw new ArgumentException("A baseline needs targets.", nameof(train));
        _frequencies = new float[task.PredictionWidth];
        if (task is Classification classes)
        {
            foreach (var label in ScoredSet.LabelsOf(classes, targets)) _frequencies[label]++;
        }
        else if (task is TokenClassification)
        {
            foreach (var tag in targets.Labels!) _frequencies[tag]++;
        }
        else if (task is MultiLabelClassification)
        {
            for (var i = 0; i < targets.Values!.Length; i++) _frequencies[i % _frequencies.Length] += targets.Values[i];
        }
        else throw new ArgumentException($"'{task.Name}' has no classes to count.", nameof(task));
        for (var k = 0; k < _frequencies.Length; k++) _frequencies[k] /= targets.Rows;
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
