using Attune.Evaluation;
using Attune.Metrics;

namespace Attune.Runs;

/// <summary>What simple models reach on the test rows.</summary>
/// <param name="Chosen">Name of the better one by validation.</param>
/// <param name="Scores">Each one's name and test scores.</param>
/// <param name="Evaluations">Each one's metrics.</param>
internal sealed record SimpleModels(string Chosen, IReadOnlyList<(string Name, ScoredSet Scores)> Scores, IReadOnlyDictionary<string, BaselineEvaluation> Evaluations)
{
    /// <summary>Scores of the chosen one.</summary>
    public ScoredSet ChosenScores => Scores.First(s => s.Name == Chosen).Scores;

    /// <summary>Each compared with the tuned model on the same rows.</summary>
    public IReadOnlyList<Verdict> CompareWith(ScoredSet after, string primaryMetric, EvaluationSettings settings)
        => [.. Scores.Select(s => VerdictMaker.Compare(s.Scores, s.Name, after, "tuned", primaryMetric, settings))];

    /// <summary>The metrics where none of these is what the verdict is about.</summary>
    public IReadOnlyDictionary<string, BaselineEvaluation> BesideTheVerdict => Evaluations.ToDictionary(e => e.Key, e => e.Value with { Chosen = false });
}
