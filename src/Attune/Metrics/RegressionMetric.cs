namespace Attune.Metrics;

/// <summary>A metric over real targets and predictions.</summary>
public abstract class RegressionMetric : Metric
{
    /// <inheritdoc/>
    public override MetricTasks Tasks => MetricTasks.Regression;

    /// <inheritdoc/>
    public sealed override MetricValue Compute(Sample sample)
    {
        if (sample is not RegressionSample regression) throw new ArgumentException($"'{Name}' is a metric for regression; these rows hold classes.", nameof(sample));
        return sample.Rows == 0 ? MetricValue.Undefined("There are no rows.") : Compute(regression);
    }

    /// <summary>The value on at least one row.</summary>
    protected abstract MetricValue Compute(RegressionSample sample);
}
