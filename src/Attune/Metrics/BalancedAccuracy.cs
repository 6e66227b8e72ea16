namespace Attune.Metrics;

/// <summary>Mean of the recalls of the classes that have rows (classes without rows are left out, as scikit-learn does). Undefined with one class.</summary>
public sealed class BalancedAccuracy : ClassificationMetric
{
    /// <inheritdoc/>
    public override string Name => "balanced_accuracy";

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Mean recall over the classes that have rows.";

    internal override bool UsesLabelsOnly => true;

    /// <inheritdoc/>
    protected override MetricValue Compute(ClassificationSample sample)
    {
        double sum = 0;
        var present = 0;
        for (var k = 0; k < sample.Classes; k++)
        {
            var rows = sample.TrueRows(k);
            if (rows == 0) continue;
            sum += (double)sample.Confusion[k * sample.Classes + k] / rows;
            present++;
        }
        return present < 2 ? MetricValue.Undefined("Only one class has rows.") : MetricValue.Of(sum / present);
    }
}
