using Attune.Splitting;

namespace Attune.Reports;

/// <summary>The data: files with fingerprints, how rows were divided, copies, and everything that was noticed.</summary>
internal static class DataSection
{
    private const int MostClasses = 40;

    /// <summary>Writes the section.</summary>
    public static void Write(HtmlWriter html, RunFiles run)
    {
        html.Raw("<section aria-labelledby=\"data\">\n<h2 id=\"data\">Data</h2>\n");
        Files(html, run.Run);
        if (run.Split is { } split) Splits(html, split);
        else html.Raw("<p>How rows were divided (split.json) is missing.</p>\n");
        Notes(html, run);
        html.Raw("</section>\n");
    }

    private static void Files(HtmlWriter html, JsonPart run)
    {
        html.Raw("<div class=\"wide\"><table>\n<caption>Files as they were read</caption>\n<thead><tr><th scope=\"col\">File<th scope=\"col\">Used for<th scope=\"col\" class=\"n\">Rows<th scope=\"col\" class=\"n\">Columns<th scope=\"col\" class=\"n\">Size<th scope=\"col\">SHA-256</thead>\n<tbody>\n");
        foreach (var (option, file) in run["data"].Fields)
        {
            var name = option.StartsWith("data.", StringComparison.Ordinal) ? run["options"]["data"][option[5..]].Text ?? option : option;
            var use = option switch { "data.path" => "data", "data.test" => "test", "data.validation" => "validation", _ => option };
            html.Add($"<tr><th scope=\"row\">{name}<td>{use}<td class=\"n\">{Count(file["rows"])}<td class=\"n\">{Count(file["columns"])}<td class=\"n\">{(file["bytes"].Number is { } bytes ? Figures.Bytes((long)bytes) : "–")}<td><code class=\"hash\">{file["sha256"].Text}</code></tr>\n");
        }
        html.Raw("</tbody></table></div>\n");
    }

    private static void Splits(HtmlWriter html, SplitReport split)
    {
        html.Add($"<p>{Figures.Rows(split.Rows)} were divided: {split.Method}, seed {Figures.Count((long)split.Seed)}.</p>\n");
        var classes = split.Classes ?? new Dictionary<string, int[]>();
        if (classes.Count > MostClasses) html.Raw("<details><summary>Rows of each class and split</summary>\n");
        html.Raw("<div class=\"wide\"><table class=\"narrow\">\n<caption>Rows of each split</caption>\n<thead><tr><td><th scope=\"col\" class=\"n\">Train<th scope=\"col\" class=\"n\">Validation<th scope=\"col\" class=\"n\">Test</thead>\n<tbody>\n");
        html.Add($"<tr class=\"first\"><th scope=\"row\">All<td class=\"n\">{Figures.Count(split.Train)}<td class=\"n\">{Figures.Count(split.Validation)}<td class=\"n\">{Figures.Count(split.Test)}</tr>\n");
        foreach (var (name, counts) in classes)
        {
            html.Add($"<tr><th scope=\"row\">{name}");
            foreach (var count in counts) html.Add($"<td class=\"n\">{Figures.Count(count)}");
            html.Raw("</tr>\n");
        }
        html.Raw("</tbody></table></div>\n");
        if (classes.Count > MostClasses) html.Raw("</details>\n");
        Copies(html, split);
    }

    private static void Copies(HtmlWriter html, SplitReport split)
    {
        html.Raw("<ul>\n");
        if (split.MissingTargets > 0) html.Add($"<li>{Figures.Rows(split.MissingTargets)} left out: the target is missing.</li>\n");
        if (split.KeptOutOfTest > 0) html.Add($"<li>{Figures.Rows(split.KeptOutOfTest)} kept out of the test split: the earlier model has seen them.</li>\n");
        if (split.CopiesKeptTogether > 0) html.Add($"<li>{Figures.Rows(split.CopiesKeptTogether)} with an exact copy in the same table; copies were kept on one side.</li>\n");
        Duplicates(html, "Exact", split.ExactDuplicates);
        Duplicates(html, "Near", split.NearDuplicates);
        if (split.Audit is { } audit)
        {
            Duplicates(html, "Near", audit.NearTexts, "texts");
            Columns(html, "Columns that give the target away", audit.Giveaways);
            Columns(html, "Identifiers that tell answers apart", audit.Identifiers);
            Columns(html, "Groups on both sides", audit.SharedGroups);
        }
        html.Raw("</ul>\n");
    }

    private static void Columns(HtmlWriter html, string what, IReadOnlyList<ColumnFinding> found)
    {
        html.Add($"<li>{what}: ");
        if (found.Count == 0) html.Raw("none.");
        foreach (var finding in found) html.Add($"<br>{finding.Sentence}");
        html.Raw("</li>\n");
    }

    private static void Duplicates(HtmlWriter html, string kind, DuplicateReport report, string copies = "copies")
    {
        html.Add($"<li>{kind} {copies} across splits: ");
        if (report.TrainTest + report.TrainValidation == 0) html.Raw("none");
        else html.Add($"<b>{Figures.Rows(report.TrainTest)} of test</b> and {Figures.Rows(report.TrainValidation)} of validation");
        html.Raw(".");
        foreach (var example in report.Examples) html.Add($"<br><small>{example}</small>");
        html.Raw("</li>\n");
    }

    private static void Notes(HtmlWriter html, RunFiles run)
    {
        var notes = run.Run["notes"].Items.Select(n => n.Text ?? "").Concat(run.Split?.Notices ?? []).Where(n => n.Length > 0).Distinct().ToList();
        if (notes.Count == 0) return;
        html.Raw("<h3>Notes</h3>\n<p>What was noticed and chosen while reading, among it columns that are left out.</p>\n<ul class=\"notes\">\n");
        foreach (var note in notes) html.Add($"<li>{note}</li>\n");
        html.Raw("</ul>\n");
    }

    private static string Count(JsonPart number) => number.Number is { } count ? Figures.Count((long)count) : "–";
}
