using System.Globalization;

namespace Attune.Metrics;

/// <summary>Share of rows whose true class is among the k most probable.</summary>
internal static class TopAccuracy
{
    /// <summary>Undefined with k classes or fewer.</summary>
    public static MetricValue Of(ClassificationSample sample, int k)
        => sample.Classes <= k
            ? MetricValue.Undefined(string.Create(CultureInfo.InvariantCulture, $"There are {sample.Classes} classes; among the first {k} is always the right one."))
            : MetricValue.Of(sample.Within(k));
}
