using Attune.Metrics;

namespace Attune.Options;

/// <summary>How the model is judged.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Primary metric: steers early stopping and the verdict (see <c>attune list metrics</c>). Default log_loss or rmse.</summary>
    public string? Metric { get; init; }

    /// <summary>Bootstrap resamples for intervals. Default 1000.</summary>
    public int Resamples { get; init; } = 1000;

    internal void Validate(Problems problems)
    {
        problems.OneOf(MetricCatalog.All.Select(m => m.Name), Metric, "evaluation.metric");
        problems.AtLeast(100, Resamples, "evaluation.resamples");
    }
}
