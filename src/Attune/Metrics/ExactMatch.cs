namespace Attune.Metrics;

/// <summary>Share of the questions answered word for word (SQuAD's script: lower case, without articles and punctuation).</summary>
public sealed class ExactMatch : AnswerMetric
{
    /// <inheritdoc/>
    public override string Name => "exact_match";

    /// <inheritdoc/>
    public override string Description => "Share of the questions answered word for word, articles and punctuation aside.";

    private protected override double[] Figures(AnswerScores scores) => scores.Exact;
}
