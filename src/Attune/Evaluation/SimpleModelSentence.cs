using System.Globalization;

namespace Attune.Evaluation;

/// <summary>Simple models beside a verdict, for people.</summary>
internal static class SimpleModelSentence
{
    /// <summary>One sentence a simple model; the first that does better brings advice.</summary>
    public static IReadOnlyList<string> Of(Verdict verdict)
    {
        if (verdict.Simple is not { Count: > 0 } simple) return [];
        var sentences = simple.Select(s => $"{Opening(s)}: {Figures(s)}.").ToList();
        if (simple.FirstOrDefault(s => s.Word == Verdict.Worse) is { } better)
            sentences.Add($"Prefer {NameOf(better.Before.Name)} here, or give the tuned model more: more rows, more epochs (--epochs), more layers that train (--method full), or a starting model that has seen data more like yours.");
        else if (simple.FirstOrDefault(s => s.Word == Verdict.NoEvidence) is { } equal)
            sentences.Add($"As far as these rows show, {NameOf(equal.Before.Name)} would do: it is smaller and faster.");
        return sentences;
    }

    private static string Opening(Verdict s) => s.Word switch
    {
        Verdict.Worse => $"{Capital(NameOf(s.Before.Name))} on the same rows does better",
        Verdict.Better => $"{Capital(NameOf(s.Before.Name))} on the same rows does worse",
        _ => $"There is no evidence that {NameOf(s.Before.Name)} on the same rows does better or worse",
    };

    private static string Figures(Verdict s) => VerdictSentence.Second(s) is { Difference: not null } second ? $"{Figure(s, true)}, {Figure(second, false)}" : Figure(s, true);

    private static string Figure(MetricComparison c, bool withInterval)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{VerdictSentence.Number(c.Before.Value)} against {VerdictSentence.Number(c.After.Value)} {c.Metric.Replace('_', ' ')}");
        return withInterval && c.Interval is { } i ? $"{text} (difference of the tuned model {VerdictSentence.Signed(c.Difference!.Value)}, 95 % interval {VerdictSentence.Signed(i.Low)} to {VerdictSentence.Signed(i.High)}; {(c.HigherIsBetter ? "higher" : "lower")} is better)" : text;
    }

    private static string NameOf(string baseline) => baseline switch
    {
        "majority" => "always answering with the training shares of the classes",
        "sentence-by-words" => "answering with the sentence that shares most words with the question",
        "word-frequency" => "guessing every word by how often it occurs",
        "mean" => "always answering with the training mean",
        "logistic" => "a logistic regression",
        "linear" => "a linear regression",
        _ => $"'{baseline}'",
    };

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
