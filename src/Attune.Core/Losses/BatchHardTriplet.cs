namespace Attune.Losses;

/// <summary>
/// For each row of the batch max(0, farthest of its class - nearest of another class + margin) with Euclidean distances, mean over the rows (Hermans et al. 2017,
/// arXiv:1703.07737, equation 5). One embedding and one class index a row. A row without another of its class has the distance 0 to it; without another class it costs the
/// margin and moves nothing. Equals sentence-transformers <c>BatchHardTripletLoss</c>. Micro-batches would change it.
/// </summary>
/// <param name="margin">&gt; 0; default 5 (sentence-transformers).</param>
public sealed class BatchHardTriplet(double margin = 5) : EmbeddingLoss
{
    /// <inheritdoc/>
    public override string Name => "batch-hard-triplet";

    /// <inheritdoc/>
    public override bool CouplesRows => true;

    private protected override bool ReadsLabels => true;

    private protected override double Evaluate(ReadOnlySpan<double> x, int width, in LossTargets targets, Span<double> slopes)
    {
        double sum = 0;
        for (var row = 0; row < targets.Rows; row++)
        {
            var (far, near, farAt, nearAt) = (0.0, double.PositiveInfinity, -1, -1);
            for (var other = 0; other < targets.Rows; other++)
            {
                if (other == row) continue;
                var distance = Distance(Row(x, row, width), Row(x, other, width));
                if (double.IsNaN(distance)) return double.NaN;
                if (targets.Labels[other] == targets.Labels[row])
                {
                    if (distance > far) (far, farAt) = (distance, other);
                }
                else if (distance < near) (near, nearAt) = (distance, other);
            }
            if (nearAt < 0)
            {
                sum += margin;
                continue;
            }
            var cost = far - near + margin;
            if (cost <= 0) continue;
            sum += cost;
            if (farAt >= 0) AddSlope(x, width, row, farAt, far, 1, slopes);
            AddSlope(x, width, row, nearAt, near, -1, slopes);
        }
        return sum;
    }

    private static double Distance(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (var i = 0; i < a.Length; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
        return Math.Sqrt(sum);
    }

    private static void AddSlope(ReadOnlySpan<double> x, int width, int a, int b, double distance, double factor, Span<double> slopes)
    {
        if (distance == 0) return;
        for (var i = 0; i < width; i++)
        {
            var slope = factor * (x[a * width + i] - x[b * width + i]) / distance;
            slopes[a * width + i] += slope;
            slopes[b * width + i] -= slope;
        }
    }
}
