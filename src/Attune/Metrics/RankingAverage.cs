using System.Globalization;

namespace Attune.Metrics;

/// <summary>A figure of a ranking: of the positive class's probability, or the macro average of each class against the rest.</summary>
internal static class RankingAverage
{
    /// <summary>Undefined when a class has no rows, or all of them.</summary>
    public static MetricValue Of(ClassificationSample sample, Func<RankingSums, double> figure)
    {
        var positive = sample.Scores.PositiveIndex;
        double sum = 0;
        var (first, last) = positive >= 0 ? (positive, positive) : (0, sample.Classes - 1);
        for (var k = first; k <= last; k++)
        {
            var sums = sample.Ranking(k);
            if (sums.Positives == 0 || sums.Negatives == 0)
            {
                return MetricValue.Undefined(sample.Classes == 2
                    ? "Only one class has rows."
                    : string.Create(CultureInfo.InvariantCulture, $"Class {k} of 0 to {sample.Classes - 1} has {(sums.Positives == 0 ? "no" : "all")} rows."));
            }
            sum += figure(sums);
        }
        return MetricValue.Of(sum / (last - first + 1));
    }
}
