namespace Attune.Reports;

/// <summary>Metric names as people write them.</summary>
internal static class MetricLabel
{
    private static readonly string[] Averages = ["macro", "micro", "samples", "weighted"];

    /// <summary>"ROC AUC" for <c>roc_auc</c>; unknown names keep their words.</summary>
    public static string Of(string metric) => metric switch
    {
        "answer_f1" => "answer F1",
        "brier" => "Brier score",
        "ece" => "calibration error (ECE)",
        "entity_f1" => "entity F1",
        "entity_f1_strict" => "entity F1, strict",
        "f1" => "F1",
        "mae" => "MAE",
        "mape" => "MAPE",
        "mcc" => "MCC",
        "pr_auc" => "PR AUC",
        "r2" => "R²",
        "rmse" => "RMSE",
        "roc_auc" => "ROC AUC",
        "mrr" => "MRR",
        "ndcg" => "NDCG",
        "ndcg_at_10" => "NDCG at 10",
        "tag_f1" => "tag F1",
        "top_3_accuracy" => "top-3 accuracy",
        "top_5_accuracy" => "top-5 accuracy",
        _ when Average(metric) is { } average => $"{Of(metric[..^(average.Length + 1)])}, {average}",
        _ => metric.Replace('_', ' '),
    };

    /// <summary>The word of an average over labels at the end of a name, else null.</summary>
    private static string? Average(string metric) => Array.Find(Averages, word => metric.EndsWith("_" + word, StringComparison.Ordinal));

    /// <summary>The same at the beginning of a heading.</summary>
    public static string Title(string metric)
    {
        var label = Of(metric);
        return label.Length == 0 ? label : char.ToUpperInvariant(label[0]) + label[1..];
    }
}
