using Attune.Encoding;

namespace Attune.Metrics;

/// <summary>Answers to questions beside the right ones. A row is a question; of several right answers the nearest counts.</summary>
public sealed class AnswerScores : ScoredSet
{
    private readonly double[] _losses;

    /// <summary>Scores of questions.</summary>
    /// <param name="ids">Their ids [Q].</param>
    /// <param name="truths">Right answers of each; none where the text holds no answer.</param>
    /// <param name="answers">The answers that were given; "" for none.</param>
    /// <exception cref="ArgumentException">Their numbers do not agree.</exception>
    public AnswerScores(string[] ids, string[][] truths, string[] answers) : base(ids.Length)
    {
        if (truths.Length != ids.Length || answers.Length != ids.Length) throw new ArgumentException($"{ids.Length} questions, {truths.Length} right answers and {answers.Length} given ones do not agree.", nameof(answers));
        (Ids, Truths, Answers) = (ids, truths, answers);
        (Exact, F1, _losses) = (new double[Rows], new double[Rows], new double[Rows]);
        for (var row = 0; row < Rows; row++)
        {
            // As the official script: right answers of which nothing is left do not count, and without any the right one is none.
            var right = truths[row].Where(t => AnswerText.Normalize(t).Length > 0).DefaultIfEmpty("").ToList();
            Exact[row] = right.Max(t => AnswerText.ExactMatch(answers[row], t));
            F1[row] = right.Max(t => AnswerText.F1(answers[row], t));
            _losses[row] = 1 - F1[row];
        }
    }

    /// <summary>Scores of what a network says.</summary>
    internal static AnswerScores Of(AnswerWindows windows, string[] answers)
        => new(windows.Ids, windows.Answers ?? throw new ArgumentException("Judging needs right answers.", nameof(windows)), answers);

    /// <inheritdoc/>
    public override MetricTasks Kind => MetricTasks.Answers;

    /// <summary>Ids of the questions.</summary>
    public IReadOnlyList<string> Ids { get; }

    /// <summary>Right answers.</summary>
    public IReadOnlyList<string[]> Truths { get; }

    /// <summary>Given answers.</summary>
    public string[] Answers { get; }

    /// <summary>1 − F1 of each question [Q].</summary>
    public override ReadOnlySpan<double> RowLosses => _losses;

    /// <inheritdoc/>
    public override Sample NewSample() => new AnswerSample(this);

    /// <summary>Exact matches [Q].</summary>
    internal double[] Exact { get; }

    /// <summary>F1 of the words [Q].</summary>
    internal double[] F1 { get; }

    internal override bool SamePredictions(ScoredSet other) => other is AnswerScores scores && Answers.SequenceEqual(scores.Answers, StringComparer.Ordinal);

    internal override bool SameTruth(ScoredSet other)
        => other is AnswerScores scores && Ids.SequenceEqual(scores.Ids, StringComparer.Ordinal) && Truths.Zip(scores.Truths).All(t => t.First.SequenceEqual(t.Second, StringComparer.Ordinal));

    internal override int ChangedRows(ScoredSet other, bool labelsOnly) => Answers.Zip(((AnswerScores)other).Answers).Count(a => a.First != a.Second);
}
