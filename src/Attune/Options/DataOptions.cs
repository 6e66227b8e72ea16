namespace Attune.Options;

/// <summary>Which rows, and what is to be learned from them.</summary>
public sealed record DataOptions
{
    /// <summary>The table: CSV, TSV, Parquet or JSON Lines. Required.</summary>
    public string? Path { get; init; }

    /// <summary>A file of test rows of its own; null splits them off <see cref="Path"/>.</summary>
    public string? Test { get; init; }

    /// <summary>A file of validation rows of its own; null splits them off <see cref="Path"/>.</summary>
    public string? Validation { get; init; }

    /// <summary>The column to predict. Required, unless an earlier model names it.</summary>
    public string? Target { get; init; }

    /// <summary><c>auto</c>, <c>classification</c> or <c>regression</c>. Auto: text and whole numbers with at most 20 distinct values are classes.</summary>
    public string Task { get; init; } = "auto";

    /// <summary>The positive one of two classes. Default: the rarer one in training.</summary>
    public string? Positive { get; init; }

    /// <summary>Words that stand for a missing value. Default none: only an empty field is missing.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>Kind by column name (numeric, category, boolean, date, text, identifier) where inference should be overridden.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();

    /// <summary>Columns to leave out.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    internal void Validate(Problems problems)
    {
        if (string.IsNullOrWhiteSpace(Path)) problems.Add("data.path", "is required: name a CSV, TSV, Parquet or JSON Lines file (--data FILE).");
        problems.OneOf(["auto", "classification", "regression"], Task, "data.task");
        foreach (var (name, kind) in Columns) problems.OneOf(["numeric", "category", "boolean", "date", "text", "identifier"], kind, $"data.columns.{name}");
        if (Task == "regression" && Positive is not null) problems.Add("data.positive", "contradicts data.task=regression: a regression has no classes.");
        if (Target is not null && Exclude.Contains(Target, StringComparer.Ordinal)) problems.Add("data.exclude", $"leaves out the target '{Target}'.");
    }
}
