namespace Attune.Metrics;

/// <summary>Mean over questions of the F1 of the answer's words (SQuAD's script), the nearest of several right answers.</summary>
public sealed class AnswerF1 : AnswerMetric
{
    /// <inheritdoc/>
    public override string Name => "answer_f1";

    /// <inheritdoc/>
    public override string Description => "Mean over questions of the F1 of the answer's words; of several right answers the nearest.";

    private protected override double[] Figures(AnswerScores scores) => scores.F1;
}
