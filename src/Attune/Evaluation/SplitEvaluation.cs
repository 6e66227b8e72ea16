using System.Text.Json.Serialization;

namespace Attune.Evaluation;

/// <summary>All that is known about one model on one split.</summary>
public sealed record SplitEvaluation
{
    /// <summary>Rows of the split.</summary>
    public int Rows { get; init; }

    /// <summary>Metrics by name, alphabetical.</summary>
    public required IReadOnlyDictionary<string, MetricResult> Metrics { get; init; }

    /// <summary>Rows of each truth (outer) and prediction (inner); null for regression and for several labels.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<IReadOnlyList<long>>? ConfusionMatrix { get; init; }

    /// <summary>Figures of every class or label in output order; null for regression.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ClassEvaluation>? Classes { get; init; }

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
/// <param name="Loss">Log loss (of several labels their mean), or squared error.</param>
/// <param name="Truth">True class, labels or value.</param>
/// <param name="Prediction">Predicted class, labels or value.</param>
public sealed record WorstRow(int Row, double? Loss, string Truth, string Prediction)
{
    /// <summary>File that the row stands for, as a picture; null for a row of a table.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Path { get; init; }

    /// <summary>The row's first values by column; null when they are not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Values { get; init; }
}

/// <summary>Figures of one class against the rest, or of one label.</summary>
/// <param name="Support">Rows that have it.</param>
/// <param name="Precision">Share of the rows predicted so that have it; null where none is.</param>
/// <param name="Recall">Share of the rows that have it that are predicted so; null where none has it.</param>
/// <param name="F1">Harmonic mean of the two; null where no row has it and none is predicted so.</param>
/// <param name="RocAuc">Chance that a row that has it scores above one that has not; null where there are no such pairs.</param>
/// <param name="PrAuc">Average precision; null where no row has it.</param>
public sealed record ClassEvaluation(long Support, double? Precision, double? Recall, double? F1, double? RocAuc, double? PrAuc);
