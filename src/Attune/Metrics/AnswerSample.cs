namespace Attune.Metrics;

/// <summary>Questions with counts.</summary>
public sealed class AnswerSample : Sample
{
    internal AnswerSample(AnswerScores scores) : base(scores) => Scores = scores;

    /// <summary>The questions.</summary>
    public AnswerScores Scores { get; }

    /// <summary>Mean of figures [Q] over the counted questions.</summary>
    internal double Mean(double[] figures) => Sum(Counts, figures) / Rows;

    private protected override void Forget() { }
}
