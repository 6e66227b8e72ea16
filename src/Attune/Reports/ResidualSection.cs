using Attune.Evaluation;

namespace Attune.Reports;

/// <summary>True and predicted values of a regression, and what is left over.</summary>
internal static class ResidualSection
{
    /// <summary>Writes the section of a regression.</summary>
    public static void Write(HtmlWriter html, RunFiles run)
    {
        if (run.Test is not { } test || run.Evaluation!.Classes is not null) return;
        html.Raw("<section aria-labelledby=\"residuals\">\n<h2 id=\"residuals\">Predictions and residuals</h2>\n");
        if (test.Points is not { Count: > 0 } points) html.Raw("<p>evaluation.json of this run has no sampled predictions, so the charts are left out.</p>\n");
        else
        {
            html.Raw("<div class=\"grid square\">\n");
            Predictions(html, points, test.Rows);
            Residuals(html, points);
            html.Raw("</div>\n");
        }
        html.Raw("</section>\n");
    }

    private static void Predictions(HtmlWriter html, IReadOnlyList<PredictedPoint> points, int rows)
    {
        var values = points.SelectMany(p => new double?[] { p.Truth, p.Prediction }).ToList();
        Axis x = Axis.Over(values, 56, 348), y = Axis.Over(values, 300, 22);
        html.Raw("<figure>");
        var chart = new XyChart(html, "Predicted by true values", x, y, "true value", "predicted value");
        chart.Line("chance", [(x.Low, x.Low), (x.High, x.High)]);
        foreach (var point in points) chart.Dot("p", point.Truth, point.Prediction);
        chart.Close();
        html.Add($"<figcaption><b>Predicted by true value</b>, {Figures.Count(points.Count)} of {Figures.Rows(rows)} of the test split. On the dashed line the prediction is right.</figcaption></figure>\n");
    }

    private static void Residuals(HtmlWriter html, IReadOnlyList<PredictedPoint> points)
    {
        var x = Axis.Over(points.Select(p => (double?)p.Prediction), 56, 348);
        var y = Axis.Over(points.Select(p => (double?)(p.Prediction - p.Truth)).Append(0), 300, 22);
        html.Raw("<figure>");
        var chart = new XyChart(html, "Residuals by predicted value", x, y, "predicted value", "predicted − true");
        chart.Line("chance", [(x.Low, 0), (x.High, 0)]);
        foreach (var point in points) chart.Dot("p", point.Prediction, point.Prediction - point.Truth);
        chart.Close();
        html.Raw("<figcaption><b>Residuals</b>. A good model leaves a flat band around the dashed line: a bend is something not learned, a funnel an error that grows with the value.</figcaption></figure>\n");
    }
}
