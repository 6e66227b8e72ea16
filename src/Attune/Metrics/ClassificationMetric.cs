namespace Attune.Metrics;

/// <summary>A metric over class labels and probabilities.</summary>
public abstract class ClassificationMetric : Metric
{
    /// <inheritdoc/>
    public override MetricTasks Tasks => MetricTasks.Classification;

    /// <inheritdoc/>
    public sealed override MetricValue Compute(Sample sample)
    {
        if (sample is not ClassificationSample classification) throw new ArgumentException($"'{Name}' is a metric for classification; these rows hold real values.", nameof(sample));
        return sample.Rows == 0 ? MetricValue.Undefined("There are no rows.") : Compute(classification);
    }

    /// <summary>The value on at least one row.</summary>
    protected abstract MetricValue Compute(ClassificationSample sample);
}
