namespace Attune.Losses;

/// <summary>
/// ½(y·d² + (1 - y)·max(0, margin - d)²) with d = 1 - cos(a, b), mean over the pairs (Hadsell et al. 2006, https://doi.org/10.1109/CVPR.2006.100, equation 4, with the cosine
/// distance). An example's rows: a, b; its value: 1 for pairs that belong together, 0 for others. Equals sentence-transformers <c>ContrastiveLoss</c>.
/// </summary>
/// <param name="margin">Distance from which pairs that do not belong together cost nothing, &gt; 0; default 0.5 (sentence-transformers).</param>
public sealed class ContrastiveLoss(double margin = 0.5) : EmbeddingLoss
{
    /// <inheritdoc/>
    public override string Name => "contrastive";

    /// <inheritdoc/>
    public override int RowsPerExample => 2;

    private protected override bool Normalizes => true;

    private protected override bool ReadsValues => true;

    private protected override double Evaluate(ReadOnlySpan<double> x, int width, in LossTargets targets, Span<double> slopes)
    {
        double sum = 0;
        for (var a = 0; a < targets.Rows; a += 2)
        {
            double y = targets.Values[a], distance = 1 - Dot(Row(x, a, width), Row(x, a + 1, width));
            var missing = margin - distance is > 0 and var gap ? gap : 0;
            sum += 0.5 * (y * distance * distance + (1 - y) * missing * missing);
            if (double.IsNaN(distance)) sum = double.NaN;
            var byCosine = -(y * distance - (1 - y) * missing);
            Add(Row(slopes, a, width), byCosine, Row(x, a + 1, width));
            Add(Row(slopes, a + 1, width), byCosine, Row(x, a, width));
        }
        return sum;
    }
}
