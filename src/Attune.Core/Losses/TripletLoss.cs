namespace Attune.Losses;

/// <summary>
/// max(0, d(a, p) - d(a, n) + margin), mean over the triplets (Schroff et al. 2015, arXiv:1503.03832, equation 2, with plain distances). An example's rows: anchor,
/// positive, negative. Targets are not read. Equals sentence-transformers <c>TripletLoss</c> and torch <c>triplet_margin_loss</c>.
/// </summary>
/// <param name="margin">&gt; 0; default 5 (sentence-transformers) for Euclidean distances, 0.5 for cosine ones.</param>
/// <param name="distance">Default Euclidean.</param>
/// <param name="swap">Takes the smaller of d(a, n) and d(p, n) (Balntas et al. 2016); default false.</param>
public sealed class TripletLoss(double? margin = null, EmbeddingDistance distance = EmbeddingDistance.Euclidean, bool swap = false) : EmbeddingLoss
{
    private const double Offset = 1e-6;
    private readonly double _margin = margin ?? (distance == EmbeddingDistance.Cosine ? 0.5 : 5);

    /// <inheritdoc/>
    public override string Name => "triplet";

    /// <inheritdoc/>
    public override int RowsPerExample => 3;

    private protected override bool Normalizes => distance == EmbeddingDistance.Cosine;

    private protected override double Evaluate(ReadOnlySpan<double> x, int width, in LossTargets targets, Span<double> slopes)
    {
        double sum = 0;
        for (var anchor = 0; anchor < targets.Rows; anchor += 3)
        {
            var near = Distance(x, width, anchor, anchor + 1);
            var (from, far) = (anchor, Distance(x, width, anchor, anchor + 2));
            if (swap && Distance(x, width, anchor + 1, anchor + 2) is var other && other < far) (from, far) = (anchor + 1, other);
            var cost = near - far + _margin;
            if (cost <= 0) continue;
            sum += cost;
            AddSlope(x, width, anchor, anchor + 1, near, 1, slopes);
            AddSlope(x, width, from, anchor + 2, far, -1, slopes);
        }
        return sum;
    }

    private double Distance(ReadOnlySpan<double> x, int width, int a, int b)
    {
        if (distance == EmbeddingDistance.Cosine) return 1 - Dot(Row(x, a, width), Row(x, b, width));
        double sum = 0;
        for (var i = 0; i < width; i++)
        {
            var d = x[a * width + i] - x[b * width + i] + Offset;
            sum += d * d;
        }
        return Math.Sqrt(sum);
    }

    private void AddSlope(ReadOnlySpan<double> x, int width, int a, int b, double value, double factor, Span<double> slopes)
    {
        if (distance == EmbeddingDistance.Cosine)
        {
            Add(Row(slopes, a, width), -factor, Row(x, b, width));
            Add(Row(slopes, b, width), -factor, Row(x, a, width));
            return;
        }
        if (value == 0) return;
        for (var i = 0; i < width; i++)
        {
            var slope = factor * (x[a * width + i] - x[b * width + i] + Offset) / value;
            slopes[a * width + i] += slope;
            slopes[b * width + i] -= slope;
        }
    }
}
