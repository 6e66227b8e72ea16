using System.Runtime.CompilerServices;

namespace Attune.Metrics;

/// <summary>A metric over places of right answers: the mean of a figure of each query.</summary>
public abstract class RankingMetric : Metric
{
    private readonly ConditionalWeakTable<RankingScores, double[]> _known = [];   // a bootstrap asks a thousand times

    /// <inheritdoc/>
    public override MetricTasks Tasks => MetricTasks.Ranking;

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public sealed override MetricValue Compute(Sample sample)
    {
        if (sample is not RankingSample ranking) throw new ArgumentException($"'{Name}' is a metric for rankings; these rows hold none.", nameof(sample));
        return sample.Rows == 0 ? MetricValue.Undefined("There are no rows.") : MetricValue.Of(ranking.Mean(_known.GetValue(ranking.Scores, Figures)));
    }

    /// <summary>The figure of each row [R].</summary>
    private protected abstract double[] Figures(RankingScores scores);
}
