namespace Attune.Reports;

/// <summary>The rows of the test split that the model gets most wrong: where label errors and missing knowledge show first.</summary>
internal static class WorstRowsSection
{
    /// <summary>Writes the section when rows were kept.</summary>
    public static void Write(HtmlWriter html, RunFiles run)
    {
        if (run.Test?.WorstRows is not { Count: > 0 } rows) return;
        var source = Sources(run, out var file);
        var isClassifier = run.Evaluation!.Classes is not null;
        html.Add($"<section aria-labelledby=\"worst\">\n<h2 id=\"worst\">Worst rows</h2>\n<p>The {rows.Count} rows of the test split with the largest {(isClassifier ? "log loss" : "error")}. Look at them: wrong labels and missing columns show here first. ");
        html.Add($"{(source is null ? $"Numbers count the rows of the test split{(file is null ? "" : $" ({file})")}" : $"Numbers count the data rows of {file}")}, from 1, header and, in a test file, rows without a target not counted.</p>\n");
        html.Add($"<div class=\"wide\"><table class=\"narrow\">\n<thead><tr><th scope=\"col\" class=\"n\">Row<th scope=\"col\">Truth<th scope=\"col\">Prediction<th scope=\"col\" class=\"n\">{(isClassifier ? "Log loss" : "Absolute error")}</thead>\n<tbody>\n");
        foreach (var row in rows)
        {
            var number = source is null ? row.Row : row.Row >= 0 && row.Row < source.Length ? source[row.Row] : row.Row;
            html.Add($"<tr><th scope=\"row\" class=\"n\">{Figures.Count(number + 1L)}<td>{row.Truth}<td class=\"{(row.Truth == row.Prediction ? "" : "bad")}\">{row.Prediction}<td class=\"n\">{(row.Loss is { } loss ? Figures.Of(isClassifier ? loss : Math.Sqrt(loss)) : "infinite")}</tr>\n");
        }
        html.Raw("</tbody></table></div>\n</section>\n");
    }

    /// <summary>For each test row its row in the data file; null when the test rows came from a file of their own.</summary>
    private static int[]? Sources(RunFiles run, out string? file)
    {
        file = run.Run["options"]["data"]["test"].Text;
        if (file is not null || run.Split is not { } split) return null;
        file = run.Run["options"]["data"]["path"].Text ?? "the data file";
        var rows = split.RowsOf(2);
        return rows.Length == run.Test!.Rows ? rows : null;
    }
}
