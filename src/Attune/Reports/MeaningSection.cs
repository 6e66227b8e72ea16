using Attune.Metrics;

namespace Attune.Reports;

/// <summary>What the numbers mean, one short paragraph each.</summary>
internal static class MeaningSection
{
    /// <summary>Writes the section.</summary>
    public static void Write(HtmlWriter html, RunFiles run)
    {
        html.Raw("<section aria-labelledby=\"meaning\">\n<h2 id=\"meaning\">What the numbers mean</h2>\n");
        Entry(html, "The verdict", "“Better” and “worse” are only said when the 95 % interval of the difference lies wholly on one side of 0. Otherwise the verdict is “no evidence”: the difference may be real and too small for this many rows, or it may be chance.");
        Entry(html, "Before", "What you had: the earlier model when there is one, else the better of the baselines by validation. Both sides are judged on the same test rows, so that a hard row is hard for both.");
        Entry(html, "95 % interval", "Rows were drawn again and again from the test split; the interval holds the middle 95 % of the results. It speaks about new rows for this model, not about training it again, and is rough below about 50 rows.");
        Entry(html, "Train, validation, test", "The model learns from training rows. Validation rows decide when to stop and which epoch to keep, so their metrics are somewhat too good. Test rows are used once, at the end.");
        foreach (var name in run.Test?.Metrics.Keys.Order(StringComparer.Ordinal) ?? Enumerable.Empty<string>())
            if (MetricCatalog.Find(name) is { } metric) Entry(html, MetricLabel.Title(name), $"{metric.Description} {(metric.HigherIsBetter ? "Higher" : "Lower")} is better.");
        html.Raw("</section>\n");
    }

    private static void Entry(HtmlWriter html, string title, string text) => html.Add($"<details><summary>{title}</summary><p>{text}</p></details>\n");
}
