namespace Attune.Losses;

/// <summary>
/// Cross-entropy of finding an anchor's own positive among all positives and hard negatives of the batch: -log softmax(s·sim(aᵢ, ·))ᵢ, mean over the examples
/// (Henderson et al. 2017, arXiv:1705.00652, section 4.4; in-batch InfoNCE). An example's rows: anchor, positive, hard negatives. The symmetric form adds the way from a
/// positive to its anchor among all anchors and halves the sum. Targets are not read. Equals sentence-transformers <c>MultipleNegativesRankingLoss</c> and
/// <c>MultipleNegativesSymmetricRankingLoss</c>. Wants large batches: the other examples are the negatives, so micro-batches would change it.
/// </summary>
/// <param name="scale">Factor s on the similarities, the inverse of a temperature, &gt; 0; default 20.</param>
/// <param name="similarity">Default cosine.</param>
/// <param name="hardNegatives">Hard negatives per example; default 0.</param>
/// <param name="symmetric">Both ways; default false.</param>
public sealed class MultipleNegativesRanking(double scale = 20, Similarity similarity = Similarity.Cosine, int hardNegatives = 0, bool symmetric = false) : EmbeddingLoss
{
    /// <inheritdoc/>
    public override string Name => "multiple-negatives-ranking";

    /// <inheritdoc/>
    public override int RowsPerExample => 2 + hardNegatives;

    /// <inheritdoc/>
    public override bool CouplesRows => true;

    private protected override bool Normalizes => similarity == Similarity.Cosine;

    private protected override double Evaluate(ReadOnlySpan<double> x, int width, in LossTargets targets, Span<double> slopes)
    {
        var members = RowsPerExample;
        var examples = targets.Rows / members;
        // Candidates: all positives, then each further member of all examples.
        var candidates = new int[examples * (members - 1)];
        for (var member = 1; member < members; member++)
            for (var i = 0; i < examples; i++) candidates[(member - 1) * examples + i] = i * members + member;
        var anchors = new int[examples];
        for (var i = 0; i < examples; i++) anchors[i] = i * members;
        var half = symmetric ? 0.5 : 1;
        var sum = half * Rank(x, width, anchors, candidates, slopes, half);
        return symmetric ? sum + half * Rank(x, width, candidates[..examples], anchors, slopes, half) : sum;
    }

    // Query i belongs to candidate i.
    private double Rank(ReadOnlySpan<double> x, int width, int[] queries, int[] candidates, Span<double> slopes, double share)
    {
        var scores = new double[candidates.Length];
        double sum = 0;
        for (var i = 0; i < queries.Length; i++)
        {
            var query = Row(x, queries[i], width);
            var max = double.NegativeInfinity;
            for (var j = 0; j < candidates.Length; j++) max = Math.Max(max, scores[j] = scale * Dot(query, Row(x, candidates[j], width)));
            double total = 0;
            for (var j = 0; j < candidates.Length; j++) total += Math.Exp(scores[j] - max);
            var log = max + Math.Log(total);
            sum += log - scores[i];
            for (var j = 0; j < candidates.Length; j++)
            {
                var slope = share * scale * (Math.Exp(scores[j] - log) - (i == j ? 1 : 0));
                Add(Row(slopes, queries[i], width), slope, Row(x, candidates[j], width));
                Add(Row(slopes, candidates[j], width), slope, query);
            }
        }
        return sum;
    }
}
