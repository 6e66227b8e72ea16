using Attune.Evaluation;

namespace Attune.Reports;

/// <summary>What the probabilities are worth: the ROC curve of two classes and the calibration of the predicted class.</summary>
internal static class ProbabilitySection
{
    private static Axis Across => new(0, 1, 44, 348);

    private static Axis Up => new(0, 1, 300, 22);

    /// <summary>Writes the section of a classifier.</summary>
    public static void Write(HtmlWriter html, RunFiles run)
    {
        if (run.Test is not { } test || (test.RocCurve is null && test.Calibration is null)) return;
        html.Raw("<section aria-labelledby=\"probabilities\">\n<h2 id=\"probabilities\">Probabilities</h2>\n<div class=\"grid square\">\n");
        if (test.RocCurve is { Count: > 1 } roc) Roc(html, roc, run.Evaluation!.PositiveClass, test);
        if (test.Calibration is { Count: > 0 } bins) Calibration(html, bins, test);
        html.Raw("</div>\n</section>\n");
    }

    private static void Roc(HtmlWriter html, IReadOnlyList<RocPoint> points, string? positive, SplitEvaluation test)
    {
        var area = Figures.Of(test.Metrics.GetValueOrDefault("roc_auc")?.Value);
        html.Raw("<figure>");
        var chart = new XyChart(html, $"ROC curve of class {positive}, area {area}", Across, Up, "false positive rate", "true positive rate");
        chart.Line("chance", [(0, 0), (1, 1)]);
        chart.Line("s1", points.Select(p => (p.FalsePositiveRate, (double?)p.TruePositiveRate)));
        if (points.LastOrDefault(p => p.Threshold is null or >= 0.5) is { } half)
            chart.Dot("s1", half.FalsePositiveRate, half.TruePositiveRate, 5, Invariant($"threshold 0.5: {100 * half.TruePositiveRate:0.#} % of the positive rows found, {100 * half.FalsePositiveRate:0.#} % of the negative ones with them"));
        chart.Close();
        html.Add($"<figcaption><b>ROC curve</b> of class ‘{positive}’, area {area}. The dot is the threshold 0.5; the dashed line is guessing.</figcaption></figure>\n");
    }

    private static void Calibration(HtmlWriter html, IReadOnlyList<CalibrationBin> bins, SplitEvaluation test)
    {
        var most = Math.Max(1, bins.Max(b => b.Rows));
        html.Raw("<figure>");
        var chart = new XyChart(html, "Calibration: share of right predictions by confidence", Across, Up, "confidence of the prediction", "share that is right");
        for (var i = 0; i < bins.Count; i++)
        {
            if (bins[i].Rows == 0) continue;
            double left = Across.At((double)i / bins.Count) + 1, right = Across.At((i + 1.0) / bins.Count) - 1, height = 60.0 * bins[i].Rows / most;
            html.Add($"<rect class=\"count\" x=\"{left}\" y=\"{Up.Start - height}\" width=\"{right - left}\" height=\"{height}\"><title>{Figures.Rows(bins[i].Rows)}</title></rect>");
        }
        chart.Line("chance", [(0, 0), (1, 1)]);
        var filled = bins.Where(b => b is { Rows: > 0, Confidence: not null, Accuracy: not null }).ToList();
        chart.Line("s1", filled.Select(b => (b.Confidence!.Value, b.Accuracy)));
        foreach (var bin in filled)
            chart.Dot("s1", bin.Confidence!.Value, bin.Accuracy!.Value, 4, $"{Figures.Rows(bin.Rows)}: confidence {Figures.Of(bin.Confidence)}, right {Figures.Of(bin.Accuracy)}");
        chart.Close();
        html.Add($"<figcaption><b>Calibration</b>, expected error {Figures.Of(test.Metrics.GetValueOrDefault("ece")?.Value)}. On the dashed line a confidence of 0.8 is right in 80 % of the cases; grey bars show how many rows each bin has.</figcaption></figure>\n");
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
