using Attune.Evaluation;

namespace Attune.Reports;

/// <summary>
/// The rows of the test split that the model gets most wrong: where label errors and missing knowledge show first. Rows of a table stand with their first values, pictures
/// with a thumbnail.
/// </summary>
internal static class WorstRowsSection
{
    /// <summary>Writes the section when rows were kept.</summary>
    /// <param name="html">The page.</param>
    /// <param name="run">The run.</param>
    /// <param name="thumbnail">JPEG or PNG bytes of a row of the test split; null, for it or for a row, where there is no picture.</param>
    public static void Write(HtmlWriter html, RunFiles run, Func<int, byte[]?>? thumbnail)
    {
        if (run.Test?.WorstRows is not { Count: > 0 } rows) return;
        var source = Sources(run, out var file);
        var isClassifier = run.Evaluation!.Classes is not null;
        html.Add($"<section aria-labelledby=\"worst\">\n<h2 id=\"worst\">Worst rows</h2>\n<p>The {rows.Count} rows of the test split with the largest {(isClassifier ? "log loss" : "error")}. Look at them: wrong labels and missing columns show here first. ");
        html.Add($"{(source is null ? $"Numbers count the rows of the test split{(file is null ? "" : $" ({file})")}" : $"Numbers count the data rows of {file}")}, from 1, header and, in a test file, rows without a target not counted.</p>\n");
        var pictures = thumbnail is null ? [] : rows.Select(row => (row, bytes: thumbnail(row.Row))).Where(p => p.bytes is not null).ToDictionary(p => p.row, p => p.bytes!);
        if (pictures.Count > 0) Pictures(html, rows, pictures, isClassifier);
        else Rows(html, rows, row => Number(row, source), isClassifier);
        html.Raw("</section>\n");
    }

    private static void Rows(HtmlWriter html, IReadOnlyList<WorstRow> rows, Func<WorstRow, long> number, bool isClassifier)
    {
        var columns = rows[0].Values?.Keys.ToList() ?? [];
        var hasPaths = rows.Any(row => row.Path is not null);
        html.Add($"<div class=\"wide\"><table class=\"{(columns.Count == 0 ? "narrow" : "")}\">\n<thead><tr><th scope=\"col\" class=\"n\">Row<th scope=\"col\">Truth<th scope=\"col\">Prediction<th scope=\"col\" class=\"n\">{(isClassifier ? "Log loss" : "Absolute error")}");
        if (hasPaths) html.Raw("<th scope=\"col\">File");
        foreach (var column in columns) html.Add($"<th scope=\"col\">{column}");
        html.Raw("</thead>\n<tbody>\n");
        foreach (var row in rows)
        {
            html.Add($"<tr><th scope=\"row\" class=\"n\">{Figures.Count(number(row))}<td>{Shown(row.Truth)}<td class=\"{(row.Truth == row.Prediction ? "" : "bad")}\">{Shown(row.Prediction)}<td class=\"n\">{Loss(row, isClassifier)}");
            if (hasPaths) html.Add($"<td>{row.Path}");
            foreach (var column in columns) html.Add($"<td>{row.Values?.GetValueOrDefault(column)}");
            html.Raw("</tr>\n");
        }
        html.Raw("</tbody></table></div>\n");
    }

    private static void Pictures(HtmlWriter html, IReadOnlyList<WorstRow> rows, Dictionary<WorstRow, byte[]> pictures, bool isClassifier)
    {
        html.Raw("<div class=\"pictures\">\n");
        foreach (var row in rows)
        {
            html.Raw("<figure>");
            if (pictures.TryGetValue(row, out var bytes))
            {
                html.Add($"<img alt=\"{row.Path}: truth {Shown(row.Truth)}, predicted {Shown(row.Prediction)}\" src=\"data:{MediaType(bytes)};base64,");
                html.Raw(Convert.ToBase64String(bytes)).Raw("\">");
            }
            else html.Raw("<p class=\"nopicture\">no picture</p>");
            html.Add($"<figcaption><b>{Shown(row.Truth)}</b> taken for <b class=\"{(row.Truth == row.Prediction ? "" : "bad")}\">{Shown(row.Prediction)}</b><br>{(isClassifier ? "log loss" : "error")} {Loss(row, isClassifier)}<br><span class=\"file\">{row.Path}</span></figcaption></figure>\n");
        }
        html.Raw("</div>\n");
    }

    /// <summary>By the first bytes; a PNG begins with 89 50.</summary>
    private static string MediaType(ReadOnlySpan<byte> bytes) => bytes is [0x89, 0x50, ..] ? "image/png" : "image/jpeg";

    private static string Shown(string labels) => labels.Length == 0 ? "(none)" : labels;

    private static string Loss(WorstRow row, bool isClassifier) => row.Loss is { } loss ? Figures.Of(isClassifier ? loss : Math.Sqrt(loss)) : "infinite";

    private static long Number(WorstRow row, int[]? source) => (source is not null && row.Row >= 0 && row.Row < source.Length ? source[row.Row] : row.Row) + 1L;

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
