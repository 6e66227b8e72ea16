namespace Attune.Losses;

/// <summary>
/// (cos(a, b) - score)², mean over the pairs (Reimers and Gurevych 2019, arXiv:1908.10084, section 3). An example's rows: a, b; its value: the score. Equals
/// sentence-transformers <c>CosineSimilarityLoss</c>; <see cref="CoSent"/> compares only the order of scores and is often better for ranking.
/// </summary>
public sealed class CosineSimilarityLoss : EmbeddingLoss
{
    /// <inheritdoc/>
    public override string Name => "cosine-similarity";

    /// <inheritdoc/>
    public override int RowsPerExample => 2;

    private protected override bool Normalizes => true;

    private protected override bool ReadsValues => true;

    private protected override double Evaluate(ReadOnlySpan<double> x, int width, in LossTargets targets, Span<double> slopes)
    {
        double sum = 0;
        for (var a = 0; a < targets.Rows; a += 2)
        {
            var difference = Dot(Row(x, a, width), Row(x, a + 1, width)) - targets.Values[a];
            sum += difference * difference;
            Add(Row(slopes, a, width), 2 * difference, Row(x, a + 1, width));
            Add(Row(slopes, a + 1, width), 2 * difference, Row(x, a, width));
        }
        return sum;
    }
}
