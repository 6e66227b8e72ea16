namespace Attune.Metrics;

/// <summary>A figure of one class from its confusion counts: of the positive class of two, or the macro average over K classes.</summary>
internal static class ClassAverage
{
    /// <summary><paramref name="figure"/> gets right rows, true rows and predicted rows of a class.</summary>
    public static MetricValue Of(ClassificationSample sample, Func<long, long, long, double> figure)
    {
        var positive = sample.Scores.PositiveIndex;
        if (positive >= 0)
        {
            return sample.TrueRows(positive) == 0 ? MetricValue.Undefined("The positive class has no rows.") : MetricValue.Of(Figure(positive));
        }
        double sum = 0;
        for (var k = 0; k < sample.Classes; k++) sum += Figure(k);
        return MetricValue.Of(sum / sample.Classes);

        double Figure(int k) => figure(sample.Confusion[k * sample.Classes + k], sample.TrueRows(k), sample.PredictedRows(k));
    }
}
