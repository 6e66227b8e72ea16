using System.Text.Json.Serialization;

namespace Attune.Evaluation;

/// <summary>One metric of one split, as in <c>evaluation.json</c>.</summary>
public sealed record MetricResult
{
    /// <summary>The value; null when undefined.</summary>
    public double? Value { get; init; }

    /// <summary>95 % interval; null when value or interval is undefined.</summary>
    public Interval? Interval { get; init; }

    /// <summary>Unit of the value.</summary>
    public required string Unit { get; init; }

    /// <summary>Whether larger is better.</summary>
    public bool HigherIsBetter { get; init; }

    /// <summary>Why value or interval is null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }
}
