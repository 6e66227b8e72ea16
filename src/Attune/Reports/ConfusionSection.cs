using Attune.Evaluation;

namespace Attune.Reports;

/// <summary>Which class is taken for which on the test split: the whole matrix up to 30 classes, else the most frequent confusions and the weakest classes.</summary>
internal static class ConfusionSection
{
    private const int MostClasses = 30, MostPairs = 20;

    /// <summary>Writes the section of a classifier.</summary>
    public static void Write(HtmlWriter html, RunFiles run)
    {
        if (run.Evaluation is not { Classes: { } classes } || run.Test?.ConfusionMatrix is not { } matrix) return;
        html.Raw("<section aria-labelledby=\"confusion\">\n<h2 id=\"confusion\">Confusion matrix</h2>\n");
        if (classes.Count <= MostClasses) Matrix(html, classes, matrix);
        else Pairs(html, classes, matrix);
        Classes(html, classes, matrix);
        html.Raw("</section>\n");
    }

    private static void Matrix(HtmlWriter html, IReadOnlyList<string> classes, IReadOnlyList<IReadOnlyList<long>> matrix)
    {
        var dense = classes.Count > 8 ? " dense" : "";
        html.Add($"<div class=\"wide\"><table class=\"matrix{dense}\">\n<caption>Rows of the test split by truth (down) and prediction (across). Large: rows. Small: percent of the true class.</caption>\n<thead><tr><th scope=\"col\">truth \\ predicted");
        foreach (var name in classes) html.Add($"<th scope=\"col\" title=\"{name}\"><span>{name}</span>");
        html.Raw("<th scope=\"col\"><span>rows</span></thead>\n<tbody>\n");
        for (var truth = 0; truth < classes.Count; truth++)
        {
            var total = matrix[truth].Sum();
            html.Add($"<tr><th scope=\"row\" title=\"{classes[truth]}\"><span>{classes[truth]}</span>");
            for (var guess = 0; guess < classes.Count; guess++) Cell(html, matrix[truth][guess], total, truth == guess);
            html.Add($"<td class=\"sum\">{Figures.Count(total)}</tr>\n");
        }
        html.Raw("</tbody></table></div>\n");
    }

    private static void Cell(HtmlWriter html, long rows, long total, bool right)
    {
        if (rows == 0)
        {
            html.Raw(right ? "<td class=\"r\">0" : "<td class=\"z\">·");
            return;
        }
        html.Add($"<td class=\"{(right ? "r" : "w")}\" style=\"--p:{100L * rows / total}\">{Figures.Count(rows)}<small>{Figures.Percent(rows, total)}</small>");
    }

    private static void Pairs(HtmlWriter html, IReadOnlyList<string> classes, IReadOnlyList<IReadOnlyList<long>> matrix)
    {
        html.Add($"<div class=\"wide\"><table>\n<caption>{Figures.Count(classes.Count)} classes are too many for a matrix; these are the most frequent confusions. evaluation.json has them all.</caption>\n<thead><tr><th scope=\"col\">Truth<th scope=\"col\">Taken for<th scope=\"col\" class=\"n\">Rows<th scope=\"col\" class=\"n\">% of the true class</thead>\n<tbody>\n");
        var pairs = new List<(int Truth, int Guess, long Rows)>();
        for (var truth = 0; truth < classes.Count; truth++)
        {
            for (var guess = 0; guess < classes.Count; guess++)
                if (truth != guess && matrix[truth][guess] > 0) pairs.Add((truth, guess, matrix[truth][guess]));
        }
        foreach (var (truth, guess, rows) in pairs.OrderByDescending(p => p.Rows).ThenBy(p => p.Truth).ThenBy(p => p.Guess).Take(MostPairs))
            html.Add($"<tr><td>{classes[truth]}<td>{classes[guess]}<td class=\"n\">{Figures.Count(rows)}<td class=\"n\">{Figures.Percent(rows, matrix[truth].Sum())}</tr>\n");
        html.Raw("</tbody></table></div>\n");
    }

    private static void Classes(HtmlWriter html, IReadOnlyList<string> classes, IReadOnlyList<IReadOnlyList<long>> matrix)
    {
        html.Raw("<details><summary>Recall, precision and F1 of each class, weakest first</summary>\n<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">Class<th scope=\"col\" class=\"n\">Rows<th scope=\"col\" class=\"n\">Recall<th scope=\"col\" class=\"n\">Precision<th scope=\"col\" class=\"n\">F1<th scope=\"col\">Most often taken for</thead>\n<tbody>\n");
        var rows = classes.Select((name, k) =>
        {
            long total = matrix[k].Sum(), predicted = matrix.Sum(row => row[k]), right = matrix[k][k];
            var wrong = Enumerable.Range(0, classes.Count).Where(j => j != k && matrix[k][j] > 0).OrderByDescending(j => matrix[k][j]).Take(3).Select(j => $"{classes[j]} ({matrix[k][j]})");
            return (name, total, Recall: Ratio(right, total), Precision: Ratio(right, predicted), F1: Ratio(2 * right, total + predicted), Wrong: string.Join(", ", wrong));
        });
        foreach (var (name, total, recall, precision, f1, wrong) in rows.OrderBy(r => r.Recall ?? 2))
            html.Add($"<tr><th scope=\"row\">{name}<td class=\"n\">{Figures.Count(total)}<td class=\"n\">{Figures.Of(recall)}<td class=\"n\">{Figures.Of(precision)}<td class=\"n\">{Figures.Of(f1)}<td>{wrong}</tr>\n");
        html.Raw("</tbody></table></div></details>\n");
    }

    private static double? Ratio(long part, long whole) => whole == 0 ? null : (double)part / whole;
}
