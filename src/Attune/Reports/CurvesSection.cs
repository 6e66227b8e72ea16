using System.Globalization;
using System.Text.Encodings.Web;

namespace Attune.Reports;

/// <summary>
/// Learning curves. Each stands twice in the page: as an SVG, which is what printing and browsers without scripts show, and as data that uPlot draws with zoom and values
/// under the pointer.
/// </summary>
internal static class CurvesSection
{
    /// <summary>Writes the section when events were logged.</summary>
    public static void Write(HtmlWriter html, RunFiles run)
    {
        html.Raw("<section aria-labelledby=\"curves\">\n<h2 id=\"curves\">Learning curves</h2>\n");
        if (run.History is not { } history) html.Raw("<p>No step of this run was logged (events.jsonl is missing or empty).</p>\n");
        else Charts(html, run, history);
        html.Raw("</section>\n");
    }

    private static void Charts(HtmlWriter html, RunFiles run, TrainingHistory history)
    {
        var best = history.Best;
        if (best is not null)
        {
            var stopped = run.Run["chosen"]["epochs"].Number is { } planned && history.Epochs[^1].Epoch < planned ? $" Training ended after {history.Epochs[^1].Epoch} of {planned} epochs." : "";
            html.Add($"<p>The weights of epoch {Figures.Tick(best.Epoch)} are kept: the best validation {MetricLabel.Of(run.Metric ?? "metric")} ({Figures.Of(best.Metric)}).{stopped}</p>\n");
        }
        html.Raw("<div class=\"grid\">\n");
        if (history.Epochs.Count > 0)
        {
            double[] epochs = [.. history.Epochs.Select(e => e.Epoch)];
            Chart(html, "Loss", "epoch", epochs, best?.Epoch,
                [new("training", "s1", [.. history.Epochs.Select(e => e.TrainLoss)]), new("validation", "s2", [.. history.Epochs.Select(e => e.ValidationLoss)])]);
            if (run.Metric is { } metric && history.Epochs.Any(e => e.Metric is not null))
                Chart(html, MetricLabel.Title(metric) + " on validation rows", "epoch", epochs, best?.Epoch, [new(MetricLabel.Of(metric), "s2", [.. history.Epochs.Select(e => e.Metric)])]);
        }
        if (history.Steps.Count > 0)
        {
            double[] steps = [.. history.Steps.Select(s => s.Step)];
            Chart(html, "Training loss of single steps", "step", steps, best?.Step, [new("loss", "s1", [.. history.Steps.Select(s => s.Loss)])]);
            Chart(html, "Learning rate", "step", steps, best?.Step, [new("learning rate", "s3", [.. history.Steps.Select(s => s.LearningRate)])]);
        }
        html.Raw("</div>\n");
    }

    private static void Chart(HtmlWriter html, string title, string xLabel, double[] x, double? best, Series[] series)
    {
        html.Add($"<figure class=\"plot\"><figcaption><b>{title}</b> by {xLabel}{(series.Length > 1 ? ": " : "")}");
        if (series.Length > 1) foreach (var one in series) html.Add($"<span class=\"key {one.Style}\">{one.Name}</span> ");
        html.Raw("</figcaption>\n");
        var chart = new XyChart(html, $"{title} by {xLabel}", Axis.Over(x.Select(v => (double?)v), 56, 468, x.Length > 1 ? 0 : 0.05), Axis.Over(series.SelectMany(s => s.Values), 200, 22), xLabel, "");
        foreach (var one in series) chart.Line(one.Style, x.Select((v, i) => (v, one.Values[i])));
        if (x.Length == 1) foreach (var one in series) if (one.Values[0] is { } only) chart.Dot(one.Style, x[0], only);
        if (best is { } at) chart.Mark(at, "best");
        chart.Close();
        Data(html, xLabel, x, best, series);
        html.Raw("</figure>\n");
    }

    private static void Data(HtmlWriter html, string xLabel, double[] x, double? best, Series[] series)
    {
        html.Raw("<script type=\"application/json\">{\"x\":").Raw(Json(xLabel)).Raw(",\"best\":").Raw(Number(best)).Raw(",\"series\":[");
        for (var i = 0; i < series.Length; i++)
            html.Raw(i > 0 ? "," : "").Raw("{\"name\":").Raw(Json(series[i].Name)).Raw(",\"style\":").Raw(Json(series[i].Style)).Raw("}");
        html.Raw("],\"data\":[");
        Values(html, x.Select(v => (double?)v));
        foreach (var one in series)
        {
            html.Raw(",");
            Values(html, one.Values);
        }
        html.Raw("]}</script>\n");
    }

    private static void Values(HtmlWriter html, IEnumerable<double?> values)
    {
        var separator = "[";
        foreach (var value in values)
        {
            html.Raw(separator).Raw(Number(value));
            separator = ",";
        }
        html.Raw("]");
    }

    private static string Number(double? value) => value is { } number && double.IsFinite(number) ? number.ToString("G6", CultureInfo.InvariantCulture) : "null";

    // the default encoder escapes <, >, & and quotes, so the text cannot end the script element
    private static string Json(string text) => "\"" + JavaScriptEncoder.Default.Encode(text) + "\"";

    private sealed record Series(string Name, string Style, double?[] Values);
}
