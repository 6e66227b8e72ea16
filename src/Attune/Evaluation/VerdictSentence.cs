using System.Globalization;

namespace Attune.Evaluation;

/// <summary>A verdict for people.</summary>
internal static class VerdictSentence
{
    public static string Of(Verdict verdict)
    {
        var second = Second(verdict);
        var sentence = $"{Opening(verdict)}: {Change(verdict)}.";
        if (second is { Difference: not null }) sentence += $" {Capital(Change(second))}.";
        if (verdict.Word == Verdict.NoEvidence && verdict.DetectableDifference is { } size)
        {
            sentence += string.Create(CultureInfo.InvariantCulture, $" A difference of {Number(size)} or more would have shown on {verdict.Rows} rows four times out of five.");
        }
        return sentence;
    }

    /// <summary>The metric that people ask for besides the one that decides.</summary>
    public static MetricComparison? Second(Verdict verdict)
        => verdict.Others.FirstOrDefault(o => o.Metric == "accuracy") ?? verdict.Others.FirstOrDefault(o => o.Metric is "r2" or "f1_micro")
            ?? verdict.Others.FirstOrDefault(o => o.Metric is "log_loss" or "rmse");

    private static string Opening(Verdict verdict) => verdict.Word switch
    {
        Verdict.Better => $"'{verdict.After.Name}' is better than '{verdict.Before.Name}'",
        Verdict.Worse => $"'{verdict.After.Name}' is worse than '{verdict.Before.Name}'",
        _ => $"There is no evidence that '{verdict.After.Name}' is better or worse than '{verdict.Before.Name}'",
    };

    private static string Change(MetricComparison comparison)
    {
        var name = comparison.Metric.Replace('_', ' ');
        if (comparison.Difference is not { } difference) return $"{name} cannot be compared ({comparison.Reason?.TrimEnd('.')})";
        var change = $"{name} went from {Number(comparison.Before.Value)} to {Number(comparison.After.Value)} ({Signed(difference)}";
        if (comparison.Interval is { } interval) change += $", 95 % interval {Signed(interval.Low)} to {Signed(interval.High)}";
        return change + (comparison.HigherIsBetter ? "; higher is better)" : "; lower is better)");
    }

    // Four significant digits without an exponent where a person would write none.
    public static string Number(double? value) => value is not { } number ? "undefined" : number.ToString(Math.Abs(number) switch
    {
        0 => "0",
        < 0.001 => "G2",
        < 10 => "0.####",
        < 100 => "0.##",
        < 1000 => "0.#",
        < 1e9 => "#,0",
        _ => "G4",
    }, CultureInfo.InvariantCulture);

    public static string Signed(double value) => (value > 0 ? "+" : "") + Number(value);

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
