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

    /// <summary>
    /// The column to predict. Required, unless an earlier model names it. Several columns of 0 and 1 (or true and false, yes and no), separated by commas, are
    /// learned together as labels, of which a row may have any number.
    /// </summary>
    public string? Target { get; init; }

    /// <summary>
    /// <c>auto</c>, <c>classification</c>, <c>multi-label</c>, <c>regression</c>, <c>token-classification</c> (a tag for each word; the data are JSON Lines of tokens and tags, or of
    /// texts and entities, and no target is named), <c>mlm</c> (pre-training on texts alone: hidden words are guessed; the data are a .txt with a text a line, or a table with a text column) <c>question-answering</c> (the piece of a text that answers a question; the data are SQuAD's JSON) or <c>embedding</c> (a vector for each text, learned from texts that belong together). Auto: several targets, or a label separator, are labels; text and whole numbers with
    /// at most 20 distinct values are classes.
    /// </summary>
    public string Task { get; init; } = "auto";

    /// <summary>What stands between labels in the cells of the target column ("cat;dog"; an empty cell is a row without labels). Default none: a cell is one class or number.</summary>
    public string? LabelSeparator { get; init; }

    /// <summary>The positive one of two classes. Default: the rarer one in training.</summary>
    public string? Positive { get; init; }

    /// <summary>Words that stand for a missing value. Default none: only an empty field is missing.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>Kind by column name (numeric, category, boolean, date, text, identifier) where inference should be overridden.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();

    /// <summary>Columns to leave out.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>The target columns: the names between the commas of <see cref="Target"/>, or the one name where labels are joined in its cells.</summary>
    internal IReadOnlyList<string> Targets => Target is null ? []
        : LabelSeparator is not null ? [Target]
        : Target.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: > 1 } several ? several : [Target];

    private void ValidateLabels(Problems problems)
    {
        var joined = LabelSeparator is not null;
        if (LabelSeparator is "") problems.Add("data.label-separator", "is empty; name what stands between two labels, for example ';'.");
        if (Targets.GroupBy(t => t, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice) problems.Add("data.target", $"names '{twice.Key}' twice.");
        if (joined && Task is "classification" or "regression") problems.Add("data.label-separator", $"contradicts data.task={Task}, which learns one {(Task == "regression" ? "number" : "class")} a row. Remove one of the two.");
        if (Targets.Count > 1 && Task == "embedding") problems.Add("data.target", $"names {Targets.Count} columns; an embedding is learned from one column of scores, or from none.");
        if (joined && Task == "embedding") problems.Add("data.label-separator", "contradicts data.task=embedding, which learns from scores, or from texts alone. Remove one of the two.");
        if (Targets.Count > 1 && Task == "regression")
            problems.Add("data.target", $"names {Targets.Count} columns, and a regression learns one number: train a model for each (--target {Targets[0]}, then --target {Targets[1]}).");
        if (Targets.Count > 1 && Task == "classification")
            problems.Add("data.target", $"names {Targets.Count} columns, and a classification learns one class a row: train a model for each, or learn columns of 0 and 1 together as labels (--task multi-label).");
        if (Task == "multi-label" && Targets.Count == 1 && !joined)
            problems.Add("data.task", "multi-label needs several columns of 0 and 1 (--target a,b,c), or one column and what stands between the labels in its cells (--label-separator ';').");
        if (Positive is not null && (joined || Task == "multi-label")) problems.Add("data.positive", "belongs to two classes; with several labels each has a probability of its own.");
    }

    internal void Validate(Problems problems)
    {
        if (string.IsNullOrWhiteSpace(Path)) problems.Add("data.path", "is required: name a CSV, TSV, Parquet or JSON Lines file (--data FILE).");
        problems.OneOf(["auto", "classification", "embedding", "mlm", "multi-label", "question-answering", "regression", "token-classification"], Task, "data.task");
        foreach (var (name, kind) in Columns) problems.OneOf(["numeric", "category", "boolean", "date", "text", "identifier"], kind, $"data.columns.{name}");
        if (Task == "embedding" && Positive is not null) problems.Add("data.positive", "contradicts data.task=embedding: an embedding has no classes.");
        if (Task == "regression" && Positive is not null) problems.Add("data.positive", "contradicts data.task=regression: a regression has no classes.");
        if (Task == "mlm" && (Target is not null || LabelSeparator is not null || Positive is not null)) problems.Add("data.target", "contradicts data.task=mlm: texts are their own target. Leave --target, --label-separator and --positive out.");
        foreach (var target in Targets.Append(Target).OfType<string>().Distinct().Where(t => Exclude.Contains(t, StringComparer.Ordinal))) problems.Add("data.exclude", $"leaves out the target '{target}'.");
        ValidateLabels(problems);
    }
}
