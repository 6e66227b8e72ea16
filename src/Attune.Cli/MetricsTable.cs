using System.Globalization;
using Attune.Evaluation;

namespace Attune.Cli;

/// <summary>Prints metrics of a split with intervals.</summary>
internal static class MetricsTable
{
    /// <summary>The test split's metrics, a line each.</summary>
    public static void Print(EvaluationReport report)
    {
        foreach (var (split, evaluation) in report.Splits)
        {
            if (split is "train" or "validation" && report.Splits.ContainsKey("test")) continue;
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{split} ({evaluation.Rows:N0} rows)"));
            var width = evaluation.Metrics.Keys.Select(name => name.Length).Append(18).Max();
            foreach (var (name, metric) in evaluation.Metrics)
            {
                var value = metric.Value is { } v ? v.ToString("G5", CultureInfo.InvariantCulture) : "undefined";
                var detail = metric.Interval is { } i ? string.Create(CultureInfo.InvariantCulture, $"[{i.Low:G5}, {i.High:G5}]") : metric.Reason;
                Console.Out.WriteLine($"  {name.PadRight(width)} {value,-10} {detail}");
            }
        }
    }
}
