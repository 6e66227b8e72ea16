namespace Attune.Reports;

/// <summary>Metric names as people write them.</summary>
internal static class MetricLabel
{
    /// <summary>"ROC AUC" for <c>roc_auc</c>; unknown names keep their words.</summary>
    public static string Of(string metric) => metric switch
    {
        "brier" => "Brier score",
        "ece" => "calibration error (ECE)",
        "f1" => "F1",
        "mae" => "MAE",
        "mape" => "MAPE",
        "mcc" => "MCC",
        "pr_auc" => "PR AUC",
        "r2" => "R²",
        "rmse" => "RMSE",
        "roc_auc" => "ROC AUC",
        _ => metric.Replace('_', ' '),
    };

    /// <summary>The same at the beginning of a heading.</summary>
    public static string Title(string metric)
    {
        var label = Of(metric);
        return label.Length == 0 ? label : char.ToUpperInvariant(label[0]) + label[1..];
    }
}
