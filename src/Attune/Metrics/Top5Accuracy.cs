namespace Attune.Metrics;

/// <summary>Share of rows whose true class is among the 5 most probable; of equal probabilities the later class ranks first, as in scikit-learn's top_k_accuracy_score. Undefined with 5 classes or fewer, where it would always be 1.</summary>
public sealed class Top5Accuracy : ClassificationMetric
{
    /// <inheritdoc/>
    public override string Name => "top_5_accuracy";

    /// <inheritdoc/>
    public override MetricTasks Tasks => MetricTasks.Multiclass;

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override string Description => "Share of rows whose true class is among the 5 most probable.";

    /// <inheritdoc/>
    protected override MetricValue Compute(ClassificationSample sample)
        => TopAccuracy.Of(sample, 5);
}
