namespace Attune.Losses;

/// <summary>
/// log(1 + Σ e^(s·(cosᵢ - cosⱼ))) over all pairs of examples of the batch with scoreᵢ &lt; scoreⱼ: the order of the cosines should be that of the scores (CoSENT, Su 2022,
/// https://kexue.fm/archives/8847). An example's rows: a, b; its value: the score. One number a batch (<see cref="Count"/> is 1); micro-batches would change it. Equals
/// sentence-transformers <c>CoSENTLoss</c>.
/// </summary>
/// <param name="scale">Factor s on the cosines, &gt; 0; default 20.</param>
public sealed class CoSent(double scale = 20) : EmbeddingLoss
{
    /// <inheritdoc/>
    public override string Name => "cosent";

    /// <inheritdoc/>
    public override int RowsPerExample => 2;

    /// <inheritdoc/>
    public override bool CouplesRows => true;

    private protected override bool Normalizes => true;

    private protected override bool ReadsValues => true;

    /// <summary>1, or 0 without rows.</summary>
    public override double Count(in LossTargets targets) => targets.Rows > 0 ? 1 : 0;

    private protected override double Evaluate(ReadOnlySpan<double> x, int width, in LossTargets targets, Span<double> slopes)
    {
        var pairs = targets.Rows / 2;
        double[] scores = new double[pairs], slope = new double[pairs];
        for (var i = 0; i < pairs; i++) scores[i] = scale * Dot(Row(x, 2 * i, width), Row(x, 2 * i + 1, width));
        double max = 0, total = 0;
        for (var i = 0; i < pairs; i++)
            for (var j = 0; j < pairs; j++)
                if (targets.Values[2 * i] < targets.Values[2 * j]) max = Math.Max(max, scores[i] - scores[j]);
        total += Math.Exp(-max);
        for (var i = 0; i < pairs; i++)
            for (var j = 0; j < pairs; j++)
                if (targets.Values[2 * i] < targets.Values[2 * j]) total += Math.Exp(scores[i] - scores[j] - max);
        var loss = max + Math.Log(total);
        for (var i = 0; i < pairs; i++)
        {
            for (var j = 0; j < pairs; j++)
            {
                if (!(targets.Values[2 * i] < targets.Values[2 * j])) continue;
                var weight = scale * Math.Exp(scores[i] - scores[j] - loss);
                slope[i] += weight;
                slope[j] -= weight;
            }
        }
        for (var i = 0; i < pairs; i++)
        {
            Add(Row(slopes, 2 * i, width), slope[i], Row(x, 2 * i + 1, width));
            Add(Row(slopes, 2 * i + 1, width), slope[i], Row(x, 2 * i, width));
        }
        return loss;
    }
}
