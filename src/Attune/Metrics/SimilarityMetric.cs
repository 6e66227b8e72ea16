namespace Attune.Metrics;

/// <summary>A metric over cosines of pairs and their scores.</summary>
public abstract class SimilarityMetric : Metric
{
    /// <inheritdoc/>
    public override MetricTasks Tasks => MetricTasks.Similarity;

    /// <inheritdoc/>
    public override string Unit => "none";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public sealed override MetricValue Compute(Sample sample)
    {
        if (sample is not SimilaritySample pairs) throw new ArgumentException($"'{Name}' is a metric for pairs with scores; these rows hold none.", nameof(sample));
        return sample.Rows == 0 ? MetricValue.Undefined("There are no rows.") : Compute(pairs);
    }

    /// <summary>The value on at least one row.</summary>
    private protected abstract MetricValue Compute(SimilaritySample sample);
}
