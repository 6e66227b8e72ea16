using Attune.Metrics;

namespace Attune.Evaluation;

/// <summary>Compares two models on the same rows.</summary>
public static class VerdictMaker
{
    private static readonly string[] MainMetrics = 
    [
        "accuracy", "answer_f1", "balanced_accuracy", "brier", "entity_f1", "entity_precision", "entity_recall", "exact_match", "f1", "f1_macro", "f1_micro", "hamming_loss", "label_ranking_average_precision", "log_loss", "mae", "masked_accuracy", "mcc", "mrr",
        "ndcg_at_10", "pearson", "pr_auc", "pr_auc_macro", "r2", "recall_at_1", "recall_at_10", "recall_at_5", "rmse", "roc_auc", "roc_auc_macro", "spearman", "subset_accuracy", "token_accuracy",
    ];

    /// <summary>
    /// Paired seeded bootstrap over rows: both models see the same resamples, so what they share cancels out. See <see cref="DifferenceInference"/> for the intervals.
    /// The same predictions bit for bit give "no evidence", difference 0, interval [0, 0], p 1; the detectable difference is then that of two models
    /// whose errors are independent and as variable as this one's, an upper bound.
    /// </summary>
    /// <param name="before">What the user had.</param>
    /// <param name="beforeName">Its name.</param>
    /// <param name="after">The tuned model on the same rows in the same order.</param>
    /// <param name="afterName">Its name.</param>
    /// <param name="primaryMetric">The metric that decides; one that applies to the task.</param>
    /// <param name="settings">Seed, resamples, threads.</param>
    /// <exception cref="ArgumentException">The two sets are not of the same rows.</exception>
    /// <exception cref="OptionsException">The metric is unknown or does not apply.</exception>
    public static Verdict Compare(ScoredSet before, string beforeName, ScoredSet after, string afterName, string primaryMetric, EvaluationSettings settings)
    {
        settings.Validate();
        if (before.Rows != after.Rows) throw new ArgumentException($"'{beforeName}' has {before.Rows} rows and '{afterName}' {after.Rows}; a verdict needs the same rows for both.", nameof(after));
        if (!before.SameTruth(after)) throw new ArgumentException($"'{beforeName}' and '{afterName}' have different true values; a verdict needs the same rows in the same order.", nameof(after));
        var primary = MetricCatalog.Get(primaryMetric, after.Kind);
        var metrics = MetricCatalog.For(after.Kind).Where(metric => metric != primary && MainMetrics.Contains(metric.Name)).Prepend(primary).ToArray();
        var inferences = metrics.Select(metric => new DifferenceInference(metric, before, after, settings)).ToArray();
        if (before.Rows > 1) Resample(before, after, settings, inferences);
        var comparisons = inferences.Select(inference => inference.Conclude(beforeName, afterName)).ToArray();
        var p = comparisons[0];
        return new Verdict
        {
            Word = p.Word,
            Metric = p.Metric,
            HigherIsBetter = p.HigherIsBetter,
            Before = p.Before,
            After = p.After,
            Difference = p.Difference,
            Interval = p.Interval,
            Test = p.Test,
            PValue = p.PValue,
            Rows = p.Rows,
            DetectableDifference = p.DetectableDifference,
            Reason = p.Reason,
            Others = comparisons[1..],
        };
    }

    private static void Resample(ScoredSet before, ScoredSet after, EvaluationSettings settings, DifferenceInference[] inferences)
        => Bootstrap.Run(before.Rows, settings, () =>
        {
            var first = before.NewSample();
            var second = after.NewSample();
            return (b, counts) =>
            {
                first.Take(counts, counts.Length);
                second.Take(counts, counts.Length);
                foreach (var inference in inferences) inference.Add(b, first, second);
            };
        });
}
