using Attune.Encoding;
using Attune.Tasks;

namespace Attune.Evaluation.Baselines;

/// <summary>Predicts the mean target of the training split for every row.</summary>
public sealed class Mean : Baseline
{
    private readonly float _mean;

    /// <summary>Averages the targets of <paramref name="train"/>.</summary>
    public Mean(Regression task, EncodedSet train) : base(task)
    {
        var values = train.Targets?.Values ?? throw new ArgumentException("A regression baseline needs real targets.", nameof(train));
        double sum = 0;
        foreach (var value in values) sum += value;
        _mean = (float)(sum / values.Length * task.Scale + task.Mean);
    }

    /// <inheritdoc/>
    public override string Name => "mean";

    /// <inheritdoc/>
    public override float[] Predict(EncodedSet set)
    {
        var predictions = new float[set.Rows];
        Array.Fill(predictions, _mean);
        return predictions;
    }
}
