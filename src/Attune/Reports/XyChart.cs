namespace Attune.Reports;

/// <summary>An SVG with two axes, grid and labels, into which sections draw. Colours come from CSS classes, so that it follows light, dark and print.</summary>
internal sealed class XyChart
{
    private readonly HtmlWriter _html;

    /// <summary>Opens the SVG and draws the axes.</summary>
    /// <param name="html">Receives the markup.</param>
    /// <param name="description">What the chart shows, for those who cannot see it.</param>
    /// <param name="x">Horizontal axis between coordinates 52 and the width less 12.</param>
    /// <param name="y">Vertical axis, from below to above.</param>
    /// <param name="xLabel">What x is.</param>
    /// <param name="yLabel">What y is.</param>
    public XyChart(HtmlWriter html, string description, Axis x, Axis y, string xLabel, string yLabel)
    {
        (_html, X, Y) = (html, x, y);
        html.Add($"<svg class=\"chart\" viewBox=\"0 0 {x.End + 12} {y.Start + 42}\" role=\"img\" aria-label=\"{description}\">");
        foreach (var tick in y.Ticks())
            html.Add($"<path class=\"grid\" d=\"M{x.Start} {y.At(tick)}H{x.End}\"/><text x=\"{x.Start - 6}\" y=\"{y.At(tick) + 4}\" class=\"end\">{Figures.Tick(tick)}</text>");
        foreach (var tick in x.Ticks())
            html.Add($"<text x=\"{x.At(tick)}\" y=\"{y.Start + 16}\" class=\"middle\">{Figures.Tick(tick)}</text>");
        html.Add($"<path class=\"axis\" d=\"M{x.Start} {y.End}V{y.Start}H{x.End}\"/><text x=\"{(x.Start + x.End) / 2}\" y=\"{y.Start + 36}\" class=\"middle label\">{xLabel}</text><text x=\"{x.Start}\" y=\"{y.End - 8}\" class=\"label\">{yLabel}</text>");
    }

    /// <summary>Horizontal axis.</summary>
    public Axis X { get; }

    /// <summary>Vertical axis.</summary>
    public Axis Y { get; }

    /// <summary>A line through the points that have both values.</summary>
    public void Line(string style, IEnumerable<(double X, double? Y)> points)
    {
        _html.Add($"<path class=\"line {style}\" d=\"");
        var move = true;
        foreach (var (x, y) in points)
        {
            if (y is not { } value) continue;
            _html.Raw(move ? "M" : "L").Add($"{X.At(x)} {Y.At(value)}");
            move = false;
        }
        _html.Raw("\"/>");
    }

    /// <summary>A dot.</summary>
    public void Dot(string style, double x, double y, double radius = 2.5, string? title = null)
    {
        if (title is null) _html.Add($"<circle class=\"{style}\" cx=\"{X.At(x)}\" cy=\"{Y.At(y)}\" r=\"{radius}\"/>");
        else _html.Add($"<circle class=\"{style}\" cx=\"{X.At(x)}\" cy=\"{Y.At(y)}\" r=\"{radius}\"><title>{title}</title></circle>");
    }

    /// <summary>A vertical mark with a caption at its top.</summary>
    public void Mark(double x, string caption)
    {
        var right = X.At(x) > (X.Start + X.End) / 2;
        _html.Add($"<path class=\"mark\" d=\"M{X.At(x)} {Y.End}V{Y.Start}\"/><text x=\"{X.At(x) + (right ? -5 : 5)}\" y=\"{Y.End + 11}\" class=\"{(right ? "end" : "start")}\">{caption}</text>");
    }

    /// <summary>Ends the SVG.</summary>
    public void Close() => _html.Raw("</svg>");
}
