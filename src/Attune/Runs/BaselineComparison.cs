using Attune.Evaluation;
using Attune.Evaluation.Baselines;
using Attune.Metrics;
using Attune.Tasks;

namespace Attune.Runs;

/// <summary>What a run without an earlier model is compared with: the better of two simple models by validation; both are reported.</summary>
internal static class BaselineComparison
{
    /// <summary>Scores of the chosen baseline on the test rows, its name, and both baselines' metrics.</summary>
    public static (ScoredSet Test, string Name, IReadOnlyDictionary<string, BaselineEvaluation> All) Make(PreparedRun run, EvaluationSettings settings)
    {
        var baselines = Baseline.Fit(run.Task, run.Train);
        var chosen = Baseline.Choose(baselines, run.Validation);
        var values = (run.Task as Regression)?.Values(run.Splits.Test);
        var scores = baselines.ToDictionary(b => b, b => b.Score(run.Test, values));
        var all = baselines.ToDictionary(b => b.Name, b => new BaselineEvaluation(b == chosen,
            new Dictionary<string, SplitEvaluation> { ["test"] = Evaluator.Evaluate(scores[b], settings.WithoutIntervals, run.Task) }));
        return (scores[chosen], chosen.Name, all);
    }
}
