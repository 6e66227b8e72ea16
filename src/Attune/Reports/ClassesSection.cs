using Attune.Evaluation;

namespace Attune.Reports;

/// <summary>Figures of every label, or of every class where there are too many for a confusion matrix.</summary>
internal static class ClassesSection
{
    /// <summary>Writes the section when the test split has such figures and no confusion matrix.</summary>
    public static void Write(HtmlWriter html, RunFiles run)
    {
        if (run.Evaluation?.Classes is not { } names || run.Test is not { ConfusionMatrix: null, Classes: { } figures }) return;
        var isLabels = run.Evaluation.Task == "multi-label-classification";
        var (one, many) = isLabels ? ("Label", "Labels") : ("Class", "Classes");
        html.Add($"<section aria-labelledby=\"classes\">\n<h2 id=\"classes\">{many}</h2>\n<div class=\"wide\"><table>\n<caption>{(isLabels ? "Each label on its own, predicted from probability 0.5 on" : "Each class against the rest")}, on the test split; the weakest first. A dash: without such rows or predictions the figure is not defined.</caption>\n");
        html.Add($"<thead><tr><th scope=\"col\">{one}<th scope=\"col\" class=\"n\">Rows<th scope=\"col\" class=\"n\">Precision<th scope=\"col\" class=\"n\">Recall<th scope=\"col\" class=\"n\">F1<th scope=\"col\" class=\"n\">ROC AUC<th scope=\"col\" class=\"n\">PR AUC</thead>\n<tbody>\n");
        foreach (var (name, row) in names.Zip(figures).OrderBy(pair => pair.Second.F1 ?? 2)) Row(html, name, row);
        html.Raw("</tbody></table></div>\n</section>\n");
    }

    private static void Row(HtmlWriter html, string name, ClassEvaluation row)
        => html.Add($"<tr><th scope=\"row\">{name}<td class=\"n\">{Figures.Count(row.Support)}<td class=\"n\">{Figures.Of(row.Precision)}<td class=\"n\">{Figures.Of(row.Recall)}<td class=\"n\">{Figures.Of(row.F1)}<td class=\"n\">{Figures.Of(row.RocAuc)}<td class=\"n\">{Figures.Of(row.PrAuc)}</tr>\n");
}
