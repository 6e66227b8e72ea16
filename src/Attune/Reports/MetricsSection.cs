using Attune.Evaluation;

namespace Attune.Reports;

/// <summary>Every metric of the test split with its interval; validation, training and baselines beside it.</summary>
internal static class MetricsSection
{
    private static readonly string[] Beside = ["validation", "train"];

    /// <summary>Writes the section when there is an evaluation.</summary>
    public static void Write(HtmlWriter html, RunFiles run)
    {
        if (run.Evaluation is not { } evaluation || evaluation.Splits.Count == 0) return;
        var beside = Beside.Where(evaluation.Splits.ContainsKey).ToList();
        var baselines = evaluation.Baselines.Where(b => b.Value.Splits.ContainsKey("test")).OrderBy(b => b.Key, StringComparer.Ordinal).ToList();
        html.Raw("<section aria-labelledby=\"metrics\">\n<h2 id=\"metrics\">Metrics</h2>\n<div class=\"wide\"><table>\n<caption>On whole splits, never averages of batches. The arrow tells the better direction. Only the test split was never looked at while training.</caption>\n<thead><tr><th scope=\"col\">Metric<th scope=\"col\" class=\"n\">Test<th scope=\"col\" class=\"n\">95 % interval");
        foreach (var split in beside) html.Add($"<th scope=\"col\" class=\"n\">{Capital(split)}");
        foreach (var (name, baseline) in baselines) html.Add($"<th scope=\"col\" class=\"n\">{name}{(baseline.Chosen ? " (before)" : "")}<br><small>baseline, test</small>");
        html.Raw("</thead>\n<tbody>\n");
        foreach (var name in Names(evaluation, run.Metric)) Row(html, evaluation, name, name == run.Metric, beside, baselines);
        html.Raw("<tr><th scope=\"row\">Rows<td class=\"n\">");
        html.Add($"{(run.Test is { } test ? Figures.Count(test.Rows) : "–")}<td>");
        foreach (var split in beside) html.Add($"<td class=\"n\">{Figures.Count(evaluation.Splits[split].Rows)}");
        foreach (var (_, baseline) in baselines) html.Add($"<td class=\"n\">{Figures.Count(baseline.Splits["test"].Rows)}");
        html.Raw("</tr>\n</tbody></table></div>\n");
        Reasons(html, run.Test);
        html.Raw("</section>\n");
    }

    private static void Row(HtmlWriter html, EvaluationReport evaluation, string name, bool primary, List<string> beside, List<KeyValuePair<string, BaselineEvaluation>> baselines)
    {
        var metric = Find(evaluation.Splits.GetValueOrDefault("test"), name);
        var any = metric ?? evaluation.Splits.Values.Select(s => Find(s, name)).First(m => m is not null)!;
        html.Add($"<tr class=\"{(primary ? "first" : "")}\"><th scope=\"row\" class=\"metric\">{MetricLabel.Of(name)} <small>{(any.HigherIsBetter ? "↑" : "↓")}{(any.Unit == "nats" ? " nats" : "")}</small><td class=\"n strong\">{Figures.Of(metric?.Value)}<td class=\"n\">{Range(metric?.Interval)}");
        foreach (var split in beside) html.Add($"<td class=\"n\">{Figures.Of(Find(evaluation.Splits[split], name)?.Value)}");
        foreach (var (_, baseline) in baselines) html.Add($"<td class=\"n\">{Figures.Of(Find(baseline.Splits["test"], name)?.Value)}");
        html.Raw("</tr>\n");
    }

    /// <summary>The primary metric first, the others alphabetical.</summary>
    private static IEnumerable<string> Names(EvaluationReport evaluation, string? primary)
        => evaluation.Splits.Values.SelectMany(s => s.Metrics.Keys).Distinct().OrderBy(n => n != primary).ThenBy(n => n, StringComparer.Ordinal);

    private static void Reasons(HtmlWriter html, SplitEvaluation? test)
    {
        var reasons = (test?.Metrics ?? new Dictionary<string, MetricResult>()).Where(m => m.Value.Reason is not null).OrderBy(m => m.Key, StringComparer.Ordinal).ToList();
        if (reasons.Count == 0) return;
        html.Raw("<ul class=\"notes\">\n");
        foreach (var (name, metric) in reasons) html.Add($"<li>{MetricLabel.Of(name)}: {metric.Reason}</li>\n");
        html.Raw("</ul>\n");
    }

    private static MetricResult? Find(SplitEvaluation? split, string name) => split?.Metrics.GetValueOrDefault(name);

    private static string Range(Interval? interval) => interval is { } i ? $"{Figures.Of(i.Low)} to {Figures.Of(i.High)}" : "–";

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
