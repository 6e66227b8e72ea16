namespace Attune.Metrics;

/// <summary>A mean over questions of how near an answer comes to the right one.</summary>
public abstract class AnswerMetric : Metric
{
    /// <inheritdoc/>
    public override MetricTasks Tasks => MetricTasks.Answers;

    /// <inheritdoc/>
    public override string Unit => "fraction";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    internal override bool UsesLabelsOnly => true;

    /// <summary>The figures [Q].</summary>
    private protected abstract double[] Figures(AnswerScores scores);

    /// <inheritdoc/>
    public sealed override MetricValue Compute(Sample sample)
    {
        if (sample is not AnswerSample answers) throw new ArgumentException($"'{Name}' is a metric for answers to questions; these rows hold something else.", nameof(sample));
        return answers.Rows == 0 ? MetricValue.Undefined("There are no questions.") : MetricValue.Of(answers.Mean(Figures(answers.Scores)));
    }
}
