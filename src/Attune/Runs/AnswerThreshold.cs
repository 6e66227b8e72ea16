using Attune.Encoding;
using Attune.Engines;
using Attune.Evaluation;
using Attune.Metrics;
using Attune.Tasks;

namespace Attune.Runs;

/// <summary>
/// The threshold from which no answer is given, as SQuAD 2.0's official script finds it (<c>find_best_thresh</c>), on validation rows: the one with the largest answer F1. Of a range of equals its middle, of ranges the nearest to 0.
/// </summary>
internal static class AnswerThreshold
{
    /// <summary>The reader with the threshold of a model's scores on validation rows; the reader itself where every text holds an answer.</summary>
    /// <param name="task">The reader.</param>
    /// <param name="model">The model.</param>
    /// <param name="validation">Validation rows.</param>
    public static QuestionAnswering Fit(QuestionAnswering task, CompiledModel model, EncodedSet validation)
    {
        if (task.AnswersAlways || validation.Targets?.Windows is not { Answers: { } answers } windows) return task;
        var scores = new float[(long)validation.Units * task.PredictionWidth];
        Scorer.Predict(model, validation, [.. Enumerable.Range(0, validation.Rows)], task, scores);
        var questions = Enumerable.Range(0, windows.Questions).Select(q =>
        {
            var (text, lack) = task.BestOf(windows, scores, q);
            return (Lack: lack, Gain: F1(text, answers[q]) - F1("", answers[q]));
        });
        return task.With(Best([.. questions]));
    }

    /// <summary>The best threshold.</summary>
    /// <param name="questions">How far no answer is above the best one, and what F1 an answer gains over none.</param>
    internal static double Best((double Lack, double Gain)[] questions)
    {
        var sorted = questions.Where(q => double.IsFinite(q.Lack)).OrderBy(q => q.Lack).ToArray();
        if (sorted.Length == 0) return 0;
        var (sum, best, threshold) = (0.0, double.NegativeInfinity, 0.0);
        for (var answered = 0; answered <= sorted.Length; answered++)   // the questions with the least lacks are answered
        {
            if (answered > 0) sum += sorted[answered - 1].Gain;
            if (answered > 0 && answered < sorted.Length && sorted[answered].Lack == sorted[answered - 1].Lack) continue;
            var at = answered == 0 ? Math.Min(0, sorted[0].Lack - 1) : answered == sorted.Length ? Math.Max(0, sorted[^1].Lack) : (sorted[answered - 1].Lack + sorted[answered].Lack) / 2;
            if (sum > best + 1e-12 || (sum > best - 1e-12 && Math.Abs(at) < Math.Abs(threshold))) (best, threshold) = (sum, at);
        }
        return threshold;
    }

    private static double F1(string answer, string[] truths) => truths.Length == 0 ? (AnswerText.Normalize(answer).Length == 0 ? 1 : 0) : truths.Max(truth => AnswerText.F1(answer, truth));
}
