using Attune.Runs;

namespace Attune.Reports;

/// <summary>
/// The page for people: one HTML file that needs nothing else, made from the files of a run alone. The same files give the same bytes.
/// Parts that the run has not written are left out and named.
/// </summary>
public static class HtmlReport
{
    /// <summary>The page of a run.</summary>
    /// <param name="folder">A run folder; it need not be complete.</param>
    /// <param name="thumbnail">JPEG or PNG bytes of a row of the test split (0-based), for rows that are pictures; null, for it or for a row, where there is none.</param>
    /// <exception cref="DataFormatException">run.json is missing, or one of run.json, events.jsonl, split.json, evaluation.json and verdict.json is damaged.</exception>
    public static string Create(RunFolder folder, Func<int, byte[]?>? thumbnail = null) => Create(RunFiles.Read(folder), thumbnail);

    /// <summary>The same page for a run that has just written its files.</summary>
    internal static string Create(RunFiles run, Func<int, byte[]?>? thumbnail = null)
    {
        var html = new HtmlWriter();
        Head(html, run);
        VerdictSection.Write(html, run);
        MetricsSection.Write(html, run);
        CurvesSection.Write(html, run);
        ConfusionSection.Write(html, run);
        ClassesSection.Write(html, run);
        ProbabilitySection.Write(html, run);
        ResidualSection.Write(html, run);
        WorstRowsSection.Write(html, run, thumbnail);
        DataSection.Write(html, run);
        SettingsSection.Write(html, run);
        MeaningSection.Write(html, run);
        Foot(html, run);
        return html.ToString();
    }

    private static void Head(HtmlWriter html, RunFiles run)
    {
        html.Raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n");
        html.Add($"<title>Attune report: {Name(run)}</title>\n<style>").Raw(Asset.Read("uPlot.min.css")).Raw(Asset.Read("report.css")).Raw("</style>\n</head>\n<body>\n<main>\n");
    }

    private static void Foot(HtmlWriter html, RunFiles run)
    {
        html.Add($"</main>\n<footer>Made by Attune {run.Run["attune"].Text} from the files of {Name(run)}. Curves are drawn by uPlot (MIT licence).</footer>\n");
        if (run.History is not null) html.Raw("<script>").Raw(Asset.Read("uPlot.iife.min.js")).Raw("</script>\n<script>").Raw(Asset.Read("report.js")).Raw("</script>\n");
        html.Raw("</body>\n</html>\n");
    }

    private static string Name(RunFiles run) => run.Run["options"]["out"].Text ?? "a run";
}
