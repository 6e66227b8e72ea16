using Attune.Evaluation;

namespace Attune.Reports;

/// <summary>The answer first: a heading in plain words, the sentence with its numbers, and before, after and difference as a picture.</summary>
internal static class VerdictSection
{
    private const double Left = 120, Right = 395, Width = 480;

    /// <summary>Writes the section; says so when there is no verdict yet.</summary>
    public static void Write(HtmlWriter html, RunFiles run)
    {
        html.Add($"<header>\n<p class=\"over\">{Subject(run)}</p>\n");
        if (run.Verdict is not { } verdict)
        {
            html.Add($"<h1>No verdict yet</h1>\n<p class=\"lead\">This run is {run.Run["status"].Text ?? "of unknown state"}: {Missing(run)}. Continue it with <code>attune tune --resume</code>.</p>\n</header>\n");
            return;
        }
        html.Add($"<h1><span class=\"badge {Style(verdict.Word)}\">{Sign(verdict.Word)}</span> {Title(verdict.Word)}</h1>\n<p class=\"lead\">{verdict.Sentence}</p>\n");
        if (run.Evaluation is null) html.Raw("<p>The metrics of this run (evaluation.json) are missing, so tables and charts of the test split are left out.</p>\n");
        html.Raw("</header>\n<section aria-labelledby=\"answer\">\n<h2 id=\"answer\">Before and after</h2>\n<div class=\"two\">\n");
        Figure(html, run, verdict);
        Tests(html, verdict);
        html.Raw("</div>\n");
        Comparisons(html, verdict);
        if (verdict.Simple is { Count: > 0 } simple) Simple(html, verdict, simple);
        if (verdict.Forgetting is { } forgetting) html.Add($"<h3>Forgetting</h3>\n<p>{forgetting.Sentence}</p>\n");
        html.Raw("</section>\n");
    }

    /// <summary>Simple models on the same rows, with advice.</summary>
    private static void Simple(HtmlWriter html, Verdict verdict, IReadOnlyList<Verdict> simple)
    {
        html.Raw("<h3>Against simple models</h3>\n");
        foreach (var sentence in verdict.SimpleSentences) html.Add($"<p>{sentence}</p>\n");
        foreach (var model in simple)
        {
            TableHead(html, $"‘{model.Before.Name}’, fitted to the same training rows, is before; the tuned model is after.");
            Comparison(html, model, "first");
            foreach (var other in model.Others) Comparison(html, other, "");
            html.Raw("</tbody></table></div>\n");
        }
    }

    private static void TableHead(HtmlWriter html, string caption)
        => html.Add($"<div class=\"wide\"><table>\n<caption>{caption}</caption>\n<thead><tr><th scope=\"col\">Metric<th scope=\"col\" class=\"n\">Before<th scope=\"col\" class=\"n\">After<th scope=\"col\" class=\"n\">Difference<th scope=\"col\" class=\"n\">95 % interval<th scope=\"col\">against 0<th scope=\"col\" class=\"n\">p value<th scope=\"col\">Verdict</thead>\n<tbody>\n");

    /// <summary>CSS class of a verdict's word.</summary>
    private static string Style(string word) => word switch { Verdict.Better => "good", Verdict.Worse => "bad", _ => "neutral" };

    private static string Sign(string word) => word switch { Verdict.Better => "▲ better", Verdict.Worse => "▼ worse", _ => "○ no evidence" };

    private static string Title(string word) => word switch
    {
        Verdict.Better => "The tuned model is better",
        Verdict.Worse => "The tuned model is worse",
        _ => "No evidence of a difference",
    };

    private static string Subject(RunFiles run)
    {
        var options = run.Run["options"];
        var task = run.Evaluation?.Task ?? run.Run["chosen"]["task"].Text;
        var target = options["data"]["target"].Text;
        return $"{options["out"].Text ?? "Run"} · {options["data"]["path"].Text}{(target is null ? "" : $" · {target}")}{(task is null ? "" : $" · {task}")}";
    }

    private static string Missing(RunFiles run)
    {
        var missing = new List<string>();
        if (run.History is null) missing.Add("no step was logged");
        if (run.Split is null) missing.Add("the split was not written");
        if (run.Evaluation is null) missing.Add("the model was not evaluated");
        missing.Add("before and after were not compared");
        return string.Join(", ", missing);
    }

    private static void Figure(HtmlWriter html, RunFiles run, Verdict verdict)
    {
        var after = run.Test?.Metrics.GetValueOrDefault(verdict.Metric)?.Interval;
        var before = run.Evaluation?.Baselines.GetValueOrDefault(verdict.Before.Name)?.Splits.GetValueOrDefault("test")?.Metrics.GetValueOrDefault(verdict.Metric)?.Interval;
        var axis = Axis.Over([verdict.Before.Value, verdict.After.Value, after?.Low, after?.High, before?.Low, before?.High], Left, Right, 0.08);
        html.Add($"<figure>\n<svg class=\"chart\" viewBox=\"0 0 {Width} 214\" role=\"img\" aria-label=\"{verdict.Sentence}\">");
        html.Add($"<text x=\"0\" y=\"14\" class=\"label\">{MetricLabel.Of(verdict.Metric)} on {Figures.Rows(verdict.Rows)} of the test split, {(verdict.HigherIsBetter ? "higher" : "lower")} is better</text>");
        foreach (var tick in axis.Ticks(4))
            html.Add($"<path class=\"grid\" d=\"M{axis.At(tick)} 26V92\"/><text x=\"{axis.At(tick)}\" y=\"106\" class=\"middle\">{Figures.Tick(tick)}</text>");
        Value(html, axis, 44, verdict.Before, before, "before");
        Value(html, axis, 76, verdict.After, after, "after");
        if (verdict.Difference is { } difference) Difference(html, verdict, difference);
        html.Raw("</svg>\n<figcaption>Bars are 95 % intervals. Before and after share their rows, so the difference is known better than either value: only its interval decides.</figcaption>\n</figure>\n");
    }

    private static void Value(HtmlWriter html, Axis axis, double y, ComparedModel model, Interval? interval, string style)
    {
        html.Add($"<text x=\"0\" y=\"{y + 5}\" class=\"name\">{Short(model.Name)}<title>{model.Name}</title></text>");
        if (interval is { } i) html.Add($"<path class=\"bar {style}\" d=\"M{axis.At(i.Low)} {y}H{axis.At(i.High)}\"/>");
        if (model.Value is { } value) html.Add($"<circle class=\"{style}\" cx=\"{axis.At(value)}\" cy=\"{y}\" r=\"6\"/>");
        html.Add($"<text x=\"{Width}\" y=\"{y + 5}\" class=\"end number\">{Figures.Of(model.Value)}</text>");
    }

    private static void Difference(HtmlWriter html, Verdict verdict, double difference)
    {
        const double y = 156;
        var axis = Axis.Over([0, difference, verdict.Interval?.Low, verdict.Interval?.High], Left, Right, 0.15);
        var zero = axis.At(0);
        var (from, to) = verdict.HigherIsBetter ? (zero, Right) : (Left, zero);
        html.Add($"<rect class=\"goodside\" x=\"{from}\" y=\"132\" width=\"{to - from}\" height=\"44\"/>");
        html.Add($"<text x=\"{(verdict.HigherIsBetter ? Right - 4 : Left + 4)}\" y=\"144\" class=\"{(verdict.HigherIsBetter ? "end" : "start")} tiny\">better</text>");
        html.Add($"<path class=\"zero\" d=\"M{zero} 126V180\"/><text x=\"{zero}\" y=\"196\" class=\"middle\">0</text>");
        foreach (var tick in axis.Ticks(4))
            if (tick != 0) html.Add($"<text x=\"{axis.At(tick)}\" y=\"196\" class=\"middle\">{Figures.Tick(tick)}</text>");
        html.Add($"<text x=\"0\" y=\"{y + 5}\" class=\"name\">difference</text>");
        if (verdict.Interval is { } i) html.Add($"<path class=\"bar {Style(verdict.Word)}\" d=\"M{axis.At(i.Low)} {y}H{axis.At(i.High)}\"/>");
        html.Add($"<circle class=\"{Style(verdict.Word)}\" cx=\"{axis.At(difference)}\" cy=\"{y}\" r=\"6\"/><text x=\"{Width}\" y=\"{y + 5}\" class=\"end number\">{Figures.Signed(difference)}</text>");
    }

    private static void Tests(HtmlWriter html, Verdict verdict)
    {
        html.Add($"<dl>\n<dt>Compared</dt><dd>‘{verdict.Before.Name}’ with ‘{verdict.After.Name}’ on the same {Figures.Rows(verdict.Rows)}</dd>\n<dt>Decided by</dt><dd>{MetricLabel.Of(verdict.Metric)}, chosen before training</dd>\n<dt>Test</dt><dd>{verdict.Test}</dd>\n<dt>p value</dt><dd>{Figures.PValue(verdict.PValue)}</dd>\n");
        if (verdict.DetectableDifference is { } size) html.Add($"<dt>Could have shown</dt><dd>a true difference of {Figures.Of(size)} or more, four times out of five</dd>\n");
        if (verdict.Reason is { } reason) html.Add($"<dt>Note</dt><dd>{reason}</dd>\n");
        html.Raw("</dl>\n");
    }

    private static void Comparisons(HtmlWriter html, Verdict verdict)
    {
        TableHead(html, "The same comparison on every main metric. The first row decides; the others inform.");
        Comparison(html, verdict, "first");
        foreach (var other in verdict.Others) Comparison(html, other, "");
        html.Raw("</tbody></table></div>\n");
    }

    private static void Comparison(HtmlWriter html, MetricComparison row, string style)
    {
        html.Add($"<tr class=\"{style}\"><th scope=\"row\" class=\"metric\">{MetricLabel.Of(row.Metric)} <small>{(row.HigherIsBetter ? "↑" : "↓")}</small><td class=\"n\">{Figures.Of(row.Before.Value)}<td class=\"n\">{Figures.Of(row.After.Value)}<td class=\"n\">{Figures.Signed(row.Difference)}<td class=\"n\">{Range(row.Interval)}<td>");
        Spark(html, row);
        html.Add($"<td class=\"n\">{Figures.PValue(row.PValue)}<td class=\"{Style(row.Word)}\">{row.Word}</tr>\n");
    }

    private static void Spark(HtmlWriter html, MetricComparison row)
    {
        if (row is not { Interval: { } interval, Difference: { } difference }) return;
        var reach = Math.Max(Math.Max(Math.Abs(interval.Low), Math.Abs(interval.High)), 1e-12);
        var axis = new Axis(-reach, reach, 4, 116);
        html.Add($"<svg class=\"spark\" viewBox=\"0 0 120 18\" aria-hidden=\"true\"><path class=\"zero\" d=\"M60 0V18\"/><path class=\"bar thin {Style(row.Word)}\" d=\"M{axis.At(interval.Low)} 9H{axis.At(interval.High)}\"/><circle class=\"{Style(row.Word)}\" cx=\"{axis.At(difference)}\" cy=\"9\" r=\"3.5\"/></svg>");
    }

    /// <summary>An interval of differences, with signs.</summary>
    private static string Range(Interval? interval) => interval is { } i ? $"{Figures.Signed(i.Low)} to {Figures.Signed(i.High)}" : "–";

    private static string Short(string name) => name.Length <= 16 ? name : "…" + name[^15..];
}
