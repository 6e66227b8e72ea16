using Attune.Evaluation;
using Attune.Evaluation.Baselines;
using Attune.Metrics;
using Attune.Tasks;

namespace Attune.Runs;

/// <summary>
/// What a run without an earlier answer is compared with: the better of two simple models by validation; both are reported. Of pictures they see a coarse grid
/// (<see cref="PixelFeatures"/>).
/// </summary>
internal static class BaselineComparison
{
    private const int MostPictures = 20_000;   // a logistic regression on small pictures learns little from more, and each has to be decoded

    /// <summary>Scores of the chosen baseline on the test rows, its name, and both baselines' metrics.</summary>
    public static (ScoredSet Test, string Name, IReadOnlyDictionary<string, BaselineEvaluation> All) Make(PreparedRun run, EvaluationSettings settings)
    {
        var (train, validation, test) = (PixelFeatures.Of(run.Train, MostPictures), PixelFeatures.Of(run.Validation, MostPictures), PixelFeatures.Of(run.Test));
        var baselines = Baseline.Fit(run.Task is Regression regression ? regression.Plain : run.Task, train);
        var chosen = Baseline.Choose(baselines, validation);
        var values = (run.Task as Regression)?.Values(run.Splits.Test);
        var scores = baselines.ToDictionary(b => b, b => b.Score(test, values));
        var all = baselines.ToDictionary(b => b.Name, b => new BaselineEvaluation(b == chosen,
            new Dictionary<string, SplitEvaluation> { ["test"] = Evaluator.Evaluate(scores[b], settings.WithoutIntervals, run.Task) }));
        return (scores[chosen], chosen.Name, all);
    }
}
