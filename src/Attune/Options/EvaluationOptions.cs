using Attune.Metrics;

namespace Attune.Options;

/// <summary>How the model is judged.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Primary metric: steers early stopping and the verdict (see <c>attune list metrics</c>). Default log_loss or rmse; of embeddings ndcg_at_10, spearman with scores.</summary>
    public string? Metric { get; init; }

    /// <summary>Bootstrap resamples for intervals, 100 to 100,000. Default 1000; fewer, but at least 200, where test rows × classes exceed 200,000.</summary>
    public int? Resamples { get; init; }

    /// <summary>
    /// A file of general texts, one a line, that are not of the task: the cosines of their vectors before and after tuning stand beside the verdict and say what was forgotten. At most 500 of
    /// them are looked at. For models of texts but for taggers. Default none.
    /// </summary>
    public string? GeneralText { get; init; }

    /// <summary>Resamples for a test split of so many rows and classes.</summary>
    internal int ResamplesFor(int rows, int classes) => Resamples ?? (int)Math.Clamp(2e8 / ((double)rows * classes), 200, 1000);

    internal void Validate(Problems problems)
    {
        problems.OneOf(MetricCatalog.All.Select(m => m.Name), Metric, "evaluation.metric");
        problems.InRange(100, 100_001, Resamples, "evaluation.resamples");
    }
}
