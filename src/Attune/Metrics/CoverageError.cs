namespace Attune.Metrics;

/// <summary>Mean number of best-scored labels that it takes to have all true ones of a row; rows without labels count 0. Equals scikit-learn's coverage_error.</summary>
public sealed class CoverageError : MultilabelMetric
{
    /// <inheritdoc/>
    public override string Name => "coverage_error";

    /// <inheritdoc/>
    public override string Unit => "none";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public override string Description => "How many of the best-scored labels it takes on average to have all true ones.";

    /// <inheritdoc/>
    protected override MetricValue Compute(MultilabelSample sample)
        => MetricValue.Of(sample.Mean(sample.Scores.Coverages));
}
