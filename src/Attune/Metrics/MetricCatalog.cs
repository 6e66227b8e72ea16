namespace Attune.Metrics;

/// <summary>Every metric that a user can name, alphabetical.</summary>
public static class MetricCatalog
{
    /// <summary>All metrics.</summary>
    public static IReadOnlyList<Metric> All { get; } =
    [
        new Accuracy(),
        new AnswerF1(),
        new BalancedAccuracy(),
        new Brier(),
        new CoverageError(),
        new Ece(),
        new EntityF1(),
        new EntityF1Macro(),
        new EntityF1Strict(),
        new EntityPrecision(),
        new EntityRecall(),
        new ExactMatch(),
        new F1(),
        new F1Macro(),
        new F1Micro(),
        new F1Samples(),
        new F1Weighted(),
        new HammingLoss(),
        new LabelRankingAveragePrecision(),
        new LogLoss(),
        new Mae(),
        new Mape(),
        new MaskedAccuracy(),
        new Mcc(),
        new MeanAveragePrecision(),
        new Mrr(),
        new Ndcg(),
        new NdcgAt10(),
        new Pearson(),
        new Perplexity(),
        new PrAuc(),
        new PrAucMacro(),
        new PrAucMicro(),
        new PrAucWeighted(),
        new Precision(),
        new PrecisionMacro(),
        new PrecisionMicro(),
        new PrecisionSamples(),
        new PrecisionWeighted(),
        new R2(),
        new Recall(),
        new RecallAt1(),
        new RecallAt10(),
        new RecallAt5(),
        new RecallMacro(),
        new RecallMicro(),
        new RecallSamples(),
        new RecallWeighted(),
        new Rmse(),
        new RocAuc(),
        new RocAucMacro(),
        new RocAucMicro(),
        new RocAucWeighted(),
        new Spearman(),
        new SubsetAccuracy(),
        new TagF1Macro(),
        new TokenAccuracy(),
        new Top3Accuracy(),
        new Top5Accuracy(),
    ];

    /// <summary>The metrics of a kind of task, alphabetical.</summary>
    public static IReadOnlyList<Metric> For(MetricTasks kind) => [.. All.Where(metric => (metric.Tasks & kind) != 0)];

    /// <summary>The metric called <paramref name="name"/>, or null.</summary>
    public static Metric? Find(string name) => All.FirstOrDefault(metric => metric.Name == name);

    /// <summary>The metric called <paramref name="name"/>, fit for a kind of task.</summary>
    /// <exception cref="OptionsException">No such metric, or it does not apply to the task.</exception>
    public static Metric Get(string name, MetricTasks kind)
    {
        var names = For(kind).Select(metric => metric.Name).ToArray();
        var metric = Find(name) ?? throw new OptionsException($"There is no metric '{name}'.{NearestName.Hint(name, names)} This task has: {string.Join(", ", names)}.");
        return (metric.Tasks & kind) != 0 ? metric : throw new OptionsException($"The metric '{name}' does not apply to this task, which has: {string.Join(", ", names)}.");
    }
}
