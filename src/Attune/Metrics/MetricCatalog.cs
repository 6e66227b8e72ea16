namespace Attune.Metrics;

/// <summary>Every metric that a user can name, alphabetical.</summary>
public static class MetricCatalog
{
    /// <summary>All metrics.</summary>
    public static IReadOnlyList<Metric> All { get; } =
    [
        new Accuracy(),
        new BalancedAccuracy(),
        new Brier(),
        new Ece(),
        new F1(),
        new LogLoss(),
        new Mae(),
        new Mape(),
        new Mcc(),
        new PrAuc(),
        new Precision(),
        new R2(),
        new Recall(),
        new Rmse(),
        new RocAuc(),
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
