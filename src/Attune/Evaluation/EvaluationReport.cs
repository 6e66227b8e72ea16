using System.Text.Json;
using System.Text.Json.Serialization;
using Attune.Tasks;

namespace Attune.Evaluation;

/// <summary><c>evaluation.json</c>: every metric of every evaluated split, with intervals.</summary>
public sealed record EvaluationReport
{
    /// <summary>Task name.</summary>
    public required string Task { get; init; }

    /// <summary>Class or label names in output order; null for regression.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>The positive one of two classes; else null.</summary>
    public string? PositiveClass { get; init; }

    /// <summary>Baselines by name, each with its splits.</summary>
    public IReadOnlyDictionary<string, BaselineEvaluation> Baselines { get; init; } = new Dictionary<string, BaselineEvaluation>();

    /// <summary>Splits by name: <c>validation</c>, <c>test</c>.</summary>
    public required IReadOnlyDictionary<string, SplitEvaluation> Splits { get; init; }

    /// <summary>A report of a task.</summary>
    public static EvaluationReport Of(LearningTask task, IReadOnlyDictionary<string, SplitEvaluation> splits, IReadOnlyDictionary<string, BaselineEvaluation>? baselines = null) => new()
    {
        Task = task.Name,
        Classes = task.PredictionNames is { Count: > 0 } names ? names : null,
        PositiveClass = (task as Classification)?.PositiveClass,
        Splits = splits,
        Baselines = baselines ?? new Dictionary<string, BaselineEvaluation>(),
    };

    /// <summary>The file's text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, EvaluationJson.Default.EvaluationReport);

    /// <summary>Reads the file's text.</summary>
    /// <exception cref="JsonException">The text is not such a report.</exception>
    public static EvaluationReport FromJson(string json)
        => JsonSerializer.Deserialize(json, EvaluationJson.Default.EvaluationReport) ?? throw new JsonException("An evaluation report is an object, not null.");
}

/// <summary>What a baseline reaches.</summary>
/// <param name="Chosen">Whether it is what the verdict compares with: the better one by validation, where no model was given.</param>
/// <param name="Splits">Splits by name.</param>
public sealed record BaselineEvaluation(bool Chosen, IReadOnlyDictionary<string, SplitEvaluation> Splits);

/// <summary>JSON of results: camelCase, indented, no reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(EvaluationReport))]
[JsonSerializable(typeof(Verdict))]
internal sealed partial class EvaluationJson : JsonSerializerContext;
