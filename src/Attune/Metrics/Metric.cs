namespace Attune.Metrics;

/// <summary>
/// A figure of merit over all rows of a split, never a mean of batch figures. Rows carry integer counts, so a bootstrap resample costs O(R) for every metric.
/// Definitions equal scikit-learn's. Immutable and thread-safe.
/// </summary>
public abstract class Metric
{
    /// <summary>snake_case name, as in options and files.</summary>
    public abstract string Name { get; }

    /// <summary>Unit of the value: <c>fraction</c>, <c>nats</c>, <c>target</c> (the target's own unit), or <c>none</c>.</summary>
    public abstract string Unit { get; }

    /// <summary>Whether larger values are better.</summary>
    public abstract bool HigherIsBetter { get; }

    /// <summary>The tasks it applies to.</summary>
    public abstract MetricTasks Tasks { get; }

    /// <summary>One sentence for lists and docs.</summary>
    public abstract string Description { get; }

    /// <summary>The value on a sample; undefined with a reason where the definition needs rows that are not there.</summary>
    public abstract MetricValue Compute(Sample sample);

    /// <summary>The value when row i counts <c>counts[i]</c> ≥ 0 times.</summary>
    /// <exception cref="ArgumentException">The number of counts is not the number of rows.</exception>
    public MetricValue Compute(ScoredSet scores, ReadOnlySpan<int> counts)
    {
        var sample = scores.NewSample();
        sample.Take(counts.ToArray());
        return Compute(sample);
    }

    /// <summary>The value when every row counts once.</summary>
    public MetricValue Compute(ScoredSet scores) => Compute(scores.NewSample());

    /// <summary>Whether only the predicted classes matter, not the probabilities.</summary>
    internal virtual bool UsesLabelsOnly => false;
}
