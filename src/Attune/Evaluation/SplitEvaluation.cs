using System.Text.Json.Serialization;

namespace Attune.Evaluation;

/// <summary>All that is known about one model on one split.</summary>
public sealed record SplitEvaluation
{
    /// <summary>Rows of the split.</summary>
    public int Rows { get; init; }

    /// <summary>Metrics by name, alphabetical.</summary>
    public required IReadOnlyDictionary<string, MetricResult> Metrics { get; init; }

    /// <summary>Rows of each truth (outer) and prediction (inner); null for regression.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<IReadOnlyList<long>>? ConfusionMatrix { get; init; }

    /// <summary>ROC points of the positive class, at most 200; null unless there are two classes with rows.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<RocPoint>? RocCurve { get; init; }

    /// <summary>The ten bins of the calibration error; null for regression.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CalibrationBin>? Calibration { get; init; }

    /// <summary>The rows with the largest loss, worst first, at most 20.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<WorstRow>? WorstRows { get; init; }

    /// <summary>Evenly spaced rows of a regression, at most 500, for charts; rows whose truth or prediction is not finite are left out. Null for classification.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PredictedPoint>? Points { get; init; }
}

/// <summary>One row of a regression.</summary>
/// <param name="Truth">True value.</param>
/// <param name="Prediction">Predicted value.</param>
public sealed record PredictedPoint(double Truth, double Prediction);

/// <summary>One point of a ROC curve: predicting the positive class from <paramref name="Threshold"/> on.</summary>
/// <param name="FalsePositiveRate">Share of the negative rows predicted positive.</param>
/// <param name="TruePositiveRate">Share of the positive rows predicted positive.</param>
/// <param name="Threshold">Least probability; null for the start, where nothing is predicted positive.</param>
public sealed record RocPoint(double FalsePositiveRate, double TruePositiveRate, double? Threshold);

/// <summary>One bin of confidence.</summary>
/// <param name="Rows">Rows in (low, high].</param>
/// <param name="Accuracy">Share of right predictions; null when empty.</param>
/// <param name="Confidence">Mean confidence; null when empty.</param>
public sealed record CalibrationBin(int Rows, double? Accuracy, double? Confidence);

/// <summary>One row that the model gets wrong.</summary>
/// <param name="Row">Index within the split, 0-based.</param>
/// <param name="Loss">Log loss, or squared error.</param>
/// <param name="Truth">True class or value.</param>
/// <param name="Prediction">Predicted class or value.</param>
public sealed record WorstRow(int Row, double? Loss, string Truth, string Prediction);
