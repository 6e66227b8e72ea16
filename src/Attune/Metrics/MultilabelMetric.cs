namespace Attune.Metrics;

/// <summary>A metric over rows that may have any number of labels.</summary>
public abstract class MultilabelMetric : Metric
{
    /// <inheritdoc/>
    public override MetricTasks Tasks => MetricTasks.Multilabel;

    /// <inheritdoc/>
    public sealed override MetricValue Compute(Sample sample)
    {
        if (sample is not MultilabelSample labels) throw new ArgumentException($"'{Name}' is a metric for several labels a row; these rows hold one class or value.", nameof(sample));
        return sample.Rows == 0 ? MetricValue.Undefined("There are no rows.") : Compute(labels);
    }

    /// <summary>The value on at least one row.</summary>
    protected abstract MetricValue Compute(MultilabelSample sample);
}
