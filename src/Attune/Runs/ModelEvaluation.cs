using Attune.Data;
using Attune.Engines;
using Attune.Evaluation;
using Attune.Hub;
using Attune.Metrics;
using Attune.Prediction;
using Attune.Tasks;

namespace Attune.Runs;

/// <summary>Judges a saved model on a file of rows with known targets, alone or against another model.</summary>
/// <param name="Report">All metrics with intervals, as split <c>test</c>.</param>
/// <param name="Verdict">Whether the model is better than the compared one; null without a comparison.</param>
/// <param name="SeenRows">Rows of the file that the model, or the compared one, was trained or validated on: they make it look better than it is.</param>
public sealed record ModelEvaluation(EvaluationReport Report, Verdict? Verdict, int SeenRows)
{
    /// <summary>What a user should know: pictures that cannot be read and are left out.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];

    /// <summary>Evaluates.</summary>
    /// <param name="model">Run or model folder.</param>
    /// <param name="data">File with the model's columns and its target.</param>
    /// <param name="compare">Run or model folder of the model that was there before; null for none.</param>
    /// <param name="metric">Metric of the verdict; null for the task's default.</param>
    /// <param name="settings">Seed, resamples, threads.</param>
    /// <param name="missing">Words that mean a missing value.</param>
    /// <param name="pictures">How pictures are listed, and how many may be damaged; null for the defaults.</param>
    /// <exception cref="OptionsException">The two models do not answer the same question.</exception>
    public static ModelEvaluation Of(string model, string data, string? compare, string? metric, EvaluationSettings settings, IReadOnlyList<string> missing, PictureReading? pictures = null)
    {
        using var after = Predictor.Load(ModelPath.Resolve(model), ModelEngine.CompileAny);
        using var before = compare is null ? null : Predictor.Load(ModelPath.Resolve(compare), ModelEngine.CompileAny);
        if (before is not null) DemandSameTask(before.Task, after.Task, compare!, model);
        using var rows = ModelRows.Read(after.Model, data, labelled: true, missing, before?.Model.Columns, pictures: pictures);
        // Each model has its own preprocessing, so pictures are read once for each; the columns of a table are encoded anew.
        using var others = before is null ? null : before.Model.Inputs is TableInputs && after.Model.Inputs is TableInputs ? ModelRows.Of(before.Model, rows.Table, labelled: true) : ModelRows.Read(before.Model, data, labelled: true, missing, pictures: pictures);
        var afterScores = Score(after, rows);
        var primary = MetricCatalog.Get(metric ?? after.Task.DefaultMetric, afterScores.Kind);
        var verdict = before is null ? null : VerdictMaker.Compare(Score(before, others!), compare!, afterScores, model, primary.Name, settings);
        var report = EvaluationReport.Of(after.Task, new Dictionary<string, SplitEvaluation> { ["test"] = Evaluator.Evaluate(afterScores, settings, after.Task, rows.View(after.Model)) });
        return new ModelEvaluation(report, verdict, Math.Max(Seen(model, after, rows.Table), before is null ? 0 : Seen(compare!, before, rows.Table))) { Notices = rows.Notices };
    }

    private static ScoredSet Score(Predictor predictor, ModelRows rows)
        => ScoredSet.Of(predictor.Task, rows.Set.Targets!, predictor.Judge(rows.Set, [.. Enumerable.Range(0, rows.Set.Rows)]), (predictor.Task as Regression)?.Values(rows.Table));

    private static int Seen(string path, Predictor predictor, Table rows)
    {
        var file = Path.Combine(ModelFolder.Locate(ModelPath.Resolve(path)), RunPreparation.SeenRowsFile);
        var seen = Runs.SeenRows.Load(file, predictor.Model.Card);
        return seen.Columns.All(c => rows.TryGet(c, out _)) ? RowHashes.Of(rows, seen.Columns).Count(seen.Hashes.Contains) : 0;
    }

    private static void DemandSameTask(LearningTask before, LearningTask after, string compare, string model)
    {
        if (before.Target != after.Target || before.Name != after.Name)
            throw new OptionsException($"--compare: {compare} answers {before.Name} of '{before.Target}', {model} {after.Name} of '{after.Target}'; only models of one question can be compared.");
        if (!before.PredictionNames.SequenceEqual(after.PredictionNames, StringComparer.Ordinal))
            throw new OptionsException($"--compare: {compare} knows the classes {NearestName.Preview(before.PredictionNames)}, {model} {NearestName.Preview(after.PredictionNames)}; only models of the same classes can be compared.");
    }
}
