using System.Globalization;

namespace Attune.Metrics;

/// <summary>
/// One figure over several labels. Macro: the mean over labels. Micro: of all labels' rows thrown together. Weighted: the mean over labels by their rows.
/// Samples: the mean over rows of the row's own figure. As scikit-learn's averages with zero_division = 0; undefined where no row has any label.
/// </summary>
internal static class LabelAverage
{
    /// <summary>Mean over labels.</summary>
    public static MetricValue Macro(MultilabelSample sample, Func<LabelCounts, double> figure) => Mean(sample, figure, _ => 1);

    /// <summary>Of the summed counts.</summary>
    public static MetricValue Micro(MultilabelSample sample, Func<LabelCounts, double> figure)
        => sample.Pooled is { Support: > 0 } pooled ? MetricValue.Of(figure(pooled)) : NoLabels;

    /// <summary>Mean over labels, each counting as often as it has rows.</summary>
    public static MetricValue Weighted(MultilabelSample sample, Func<LabelCounts, double> figure) => Mean(sample, figure, counts => counts.Support);

    /// <summary>Mean over rows.</summary>
    public static MetricValue Samples(MultilabelSample sample, double[] figures) => sample.Pooled.Support > 0 ? MetricValue.Of(sample.Mean(figures)) : NoLabels;

    /// <summary>Mean over labels of a figure of the label's ranking, each label counting <paramref name="weight"/> times; undefined when a label has no rows, or all of them.</summary>
    public static MetricValue Ranking(MultilabelSample sample, Func<RankingSums, double> figure, Func<RankingSums, double> weight)
    {
        double sum = 0, total = 0;
        for (var k = 0; k < sample.Labels; k++)
        {
            var sums = sample.Ranking(k);
            if (sums.Positives == 0 || sums.Negatives == 0)
                return MetricValue.Undefined(string.Create(CultureInfo.InvariantCulture, $"Label {k} of 0 to {sample.Labels - 1} has {(sums.Positives == 0 ? "no" : "all")} rows."));
            sum += weight(sums) * figure(sums);
            total += weight(sums);
        }
        return MetricValue.Of(sum / total);
    }

    /// <summary>A figure of one ranking of all rows and labels.</summary>
    public static MetricValue PooledRanking(MultilabelSample sample, Func<RankingSums, double> figure)
    {
        var sums = sample.PooledRanking;
        return sums.Positives == 0 || sums.Negatives == 0 ? MetricValue.Undefined(sums.Positives == 0 ? "No row has a label." : "Every row has every label.") : MetricValue.Of(figure(sums));
    }

    private static MetricValue NoLabels => MetricValue.Undefined("No row has a label.");

    private static MetricValue Mean(MultilabelSample sample, Func<LabelCounts, double> figure, Func<LabelCounts, double> weight)
    {
        if (sample.Pooled.Support == 0) return NoLabels;
        double sum = 0, total = 0;
        for (var k = 0; k < sample.Labels; k++)
        {
            var counts = sample.Counted(k);
            sum += weight(counts) * figure(counts);
            total += weight(counts);
        }
        return MetricValue.Of(sum / total);
    }
}
