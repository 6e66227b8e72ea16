namespace Attune.Metrics;

/// <summary>A finite number, or none with the reason why the metric is not defined on these rows.</summary>
public readonly record struct MetricValue
{
    private MetricValue(double? value, string? reason) => (Value, Reason) = (value, reason);

    /// <summary>The value; null when undefined. Never NaN or infinite.</summary>
    public double? Value { get; }

    /// <summary>Why there is no value, a sentence; null when there is one.</summary>
    public string? Reason { get; }

    /// <summary>The value, or NaN.</summary>
    internal double OrNaN => Value ?? double.NaN;

    /// <summary>A value; NaN and infinities become undefined.</summary>
    public static MetricValue Of(double value)
        => double.IsFinite(value) ? new(value, null) : new(null, "The value is not a finite number: the predictions hold NaN or infinities.");

    /// <summary>No value.</summary>
    public static MetricValue Undefined(string reason) => new(null, reason);
}
