using System.Text.Json;
using System.Text.Json.Serialization;

namespace Attune.Evaluation;

/// <summary>The answer to "is it better?" on one metric, from the same rows before and after.</summary>
public record MetricComparison
{
    /// <summary><c>better</c>, <c>no evidence</c> or <c>worse</c>; the first and last only when <see cref="Interval"/> excludes 0.</summary>
    [JsonPropertyName("verdict")]
    public required string Word { get; init; }

    /// <summary>Metric name.</summary>
    public required string Metric { get; init; }

    /// <summary>Whether larger is better.</summary>
    public bool HigherIsBetter { get; init; }

    /// <summary>What the user had.</summary>
    public required ComparedModel Before { get; init; }

    /// <summary>The tuned model.</summary>
    public required ComparedModel After { get; init; }

    /// <summary>After minus before; null when one of them is undefined.</summary>
    public double? Difference { get; init; }

    /// <summary>95 % paired interval of the difference; null when it could not be made.</summary>
    public Interval? Interval { get; init; }

    /// <summary>What made interval and p value.</summary>
    public required string Test { get; init; }

    /// <summary>Two-sided p value; below 0.05 exactly when the interval excludes 0.</summary>
    public double? PValue { get; init; }

    /// <summary>Rows compared.</summary>
    public int Rows { get; init; }

    /// <summary>The size of a true difference that this many rows would have shown with a chance of 80 %.</summary>
    public double? DetectableDifference { get; init; }

    /// <summary>Why something is null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }
}

/// <summary>One side of a comparison.</summary>
/// <param name="Name">What it is: <c>logistic</c>, <c>runs/first</c>, <c>tuned</c>.</param>
/// <param name="Value">The metric; null when undefined.</param>
public sealed record ComparedModel(string Name, double? Value);

/// <summary><c>verdict.json</c>: the primary metric, and the same for the other main ones, which inform and do not decide.</summary>
public sealed record Verdict : MetricComparison
{
    /// <summary>The word when the interval lies wholly on the good side.</summary>
    public const string Better = "better";

    /// <summary>The word when the interval holds 0.</summary>
    public const string NoEvidence = "no evidence";

    /// <summary>The word when the interval lies wholly on the bad side.</summary>
    public const string Worse = "worse";

    /// <summary>The other main metrics, alphabetical.</summary>
    [JsonPropertyOrder(1)]
    public required IReadOnlyList<MetricComparison> Others { get; init; }

    /// <summary>
    /// The tuned model against simple models fitted to the same training rows (<see cref="Baselines.Baseline"/>), where the run began with a given model; they inform and do not decide.
    /// Null where the verdict itself is about a simple model, and of <c>evaluate --compare</c>.
    /// </summary>
    [JsonPropertyOrder(2), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Verdict>? Simple { get; init; }

    /// <summary>How far general texts moved; null where none were given. It informs and does not decide.</summary>
    [JsonPropertyOrder(3), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Forgetting? Forgetting { get; init; }

    /// <summary>The verdict in plain words, with numbers and interval; names accuracy (or R²) too.</summary>
    [JsonIgnore]
    public string Sentence => VerdictSentence.Of(this);

    /// <summary>What is to be said of the simple models, a sentence each, with advice when one of them does better; empty without <see cref="Simple"/>.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> SimpleSentences => SimpleModelSentence.Of(this);

    /// <summary>The file's text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, EvaluationJson.Default.Verdict);

    /// <summary>Reads the file's text.</summary>
    /// <exception cref="JsonException">The text is not a verdict.</exception>
    public static Verdict FromJson(string json)
        => JsonSerializer.Deserialize(json, EvaluationJson.Default.Verdict) ?? throw new JsonException("A verdict is an object, not null.");
}
