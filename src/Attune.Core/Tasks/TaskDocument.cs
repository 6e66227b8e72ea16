using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Attune.Tasks;

/// <summary>A task as files hold it (the <c>task</c> section of model.json); <see cref="LearningTask.ToDocument"/> and <see cref="ToTask"/> convert.</summary>
public sealed record TaskDocument
{
    /// <summary><see cref="LearningTask.Name"/>: <c>binary-classification</c>, <c>multiclass-classification</c>, <c>multi-label-classification</c>, <c>token-classification</c>, <c>masked-language-model</c>, <c>question-answering</c>, <c>regression</c>, <c>embedding</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the target column; the label columns joined by commas.</summary>
    public required string Target { get; init; }

    /// <summary>Class, label or tag names in output order; classification only.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>The positive class of two.</summary>
    public string? PositiveClass { get; init; }

    /// <summary>What stands between labels in a cell of the target column; null where every label has a column.</summary>
    public string? LabelSeparator { get; init; }

    /// <summary>Mean of the training targets; regression only.</summary>
    public double? Mean { get; init; }

    /// <summary>Scale of the training targets, above 0; regression only.</summary>
    public double? Scale { get; init; }

    /// <summary>True where the output is the logarithm of the mean (<see cref="Regression.IsLogarithmic"/>); else left out.</summary>
    public bool? Logarithmic { get; init; }

    /// <summary>Columns of the texts of a row; embedding only, where <see cref="Target"/> is the second of them or the column of scores.</summary>
    public IReadOnlyList<string>? Texts { get; init; }

    /// <summary>Numbers of a vector of an embedding; words of a masked language model.</summary>
    public int? Width { get; init; }

    /// <summary>What scores are divided by; embeddings learned from scores only.</summary>
    public double? Divisor { get; init; }

    /// <summary>Share of the words that are hidden, in (0, 1); masked language model only.</summary>
    public double? MaskShare { get; init; }

    /// <summary>Seed of the masks; masked language model only.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Tokens that consecutive windows of a text share; question answering only.</summary>
    public int? Stride { get; init; }

    /// <summary>Tokens of an answer at most; question answering only.</summary>
    public int? MaxAnswerTokens { get; init; }

    /// <summary>False where some texts hold no answer; question answering only.</summary>
    public bool? AnswersAlways { get; init; }

    /// <summary>By how much no answer has to score above the best one; question answering only.</summary>
    public double? Threshold { get; init; }

    /// <summary>The task.</summary>
    /// <param name="file">For messages.</param>
    /// <exception cref="DataFormatException">A value is missing or out of range; names the property.</exception>
    public LearningTask ToTask(string file)
    {
        if (string.IsNullOrEmpty(Target)) throw Bad(file, "target", "is empty");
        if (Name == "regression")
        {
            if (Mean is not { } mean || !double.IsFinite(mean)) throw Bad(file, "mean", "has to be a finite number");
            if (Scale is not { } scale || !double.IsFinite(scale) || scale <= 0) throw Bad(file, "scale", "has to be a finite number above 0");
            return Logarithmic is true && mean != 0 ? throw Bad(file, "mean", "has to be 0 where logarithmic is true") : new Regression(Target, mean, scale, Logarithmic ?? false);
        }
        if (Name == "multi-label-classification") return Labels(file);
        if (Name == TokenClassification.TaskName) return Tags(file);
        if (Name == MaskedLanguageModel.TaskName) return Masked(file);
        if (Name == QuestionAnswering.TaskName) return Questions(file);
        if (Name == SentenceEmbedding.TaskName) return Embedding(file);
        var binary = Name == "binary-classification";
        if (!binary && Name != "multiclass-classification")
            throw Bad(file, "name", $"'{Name}' is not one of binary-classification, multiclass-classification, multi-label-classification, token-classification, masked-language-model, question-answering, regression, embedding");
        if (Classes is null || Classes.Any(c => c is null) || (binary ? Classes.Count != 2 : Classes.Count < 3))
            throw Bad(file, "classes", binary ? "has to list two classes" : "has to list at least three classes");
        if (Classes.Distinct(StringComparer.Ordinal).Count() != Classes.Count) throw Bad(file, "classes", "names a class twice");
        if (binary && (PositiveClass is null || !Classes.Contains(PositiveClass, StringComparer.Ordinal)))
            throw Bad(file, "positiveClass", "has to be one of the classes");
        return new Classification(Target, Classes, binary ? PositiveClass : null);
    }

    private MultiLabelClassification Labels(string file)
    {
        if (Classes is null || Classes.Count < 2 || Classes.Any(string.IsNullOrEmpty)) throw Bad(file, "classes", "has to list at least two labels");
        if (Classes.Distinct(StringComparer.Ordinal).Count() != Classes.Count) throw Bad(file, "classes", "names a label twice");
        if (LabelSeparator is null) return MultiLabelClassification.OfColumns(Classes);
        return LabelSeparator.Length > 0 ? MultiLabelClassification.OfJoined(Target, Classes, LabelSeparator) : throw Bad(file, "labelSeparator", "is empty");
    }

    private TokenClassification Tags(string file)
    {
        if (Classes is null || Classes.Count < 2 || Classes.Any(string.IsNullOrEmpty)) throw Bad(file, "classes", "has to list at least two tags");
        if (Classes.Distinct(StringComparer.Ordinal).Count() != Classes.Count) throw Bad(file, "classes", "names a tag twice");
        return Target == TokenClassification.TagsColumn ? new TokenClassification(Classes) : throw Bad(file, "target", $"has to be {TokenClassification.TagsColumn}");

    }

    private SentenceEmbedding Embedding(string file)
    {
        if (Texts is null || Texts.Count is not (2 or 3) || Texts.Any(string.IsNullOrEmpty) || Texts.Distinct(StringComparer.Ordinal).Count() != Texts.Count) throw Bad(file, "texts", "has to name two or three columns");
        if (Width is not > 0) throw Bad(file, "width", "has to be a whole number above 0");
        if (Divisor is null) return Target == Texts[1] ? new SentenceEmbedding(Texts, Width.Value) : throw Bad(file, "target", "has to be the second text column where there are no scores");
        if (!(Divisor > 0) || !double.IsFinite(Divisor.Value)) throw Bad(file, "divisor", "has to be a finite number above 0");
        return Texts.Count == 2 && !Texts.Contains(Target, StringComparer.Ordinal) ? new SentenceEmbedding(Texts, Width.Value, Target, Divisor.Value) : throw Bad(file, "texts", "has to name two columns beside that of the scores");
    }

    private MaskedLanguageModel Masked(string file)
    {
        if (Width is not > 0) throw Bad(file, "width", "has to be a whole number above 0");
        if (MaskShare is not (> 0 and < 1)) throw Bad(file, "maskShare", "has to be a number between 0 and 1");
        return new MaskedLanguageModel(Target, Width.Value, MaskShare.Value, Seed ?? throw Bad(file, "seed", "is missing"));
    }

    private QuestionAnswering Questions(string file)
    {
        if (Stride is not >= 0) throw Bad(file, "stride", "has to be a whole number of at least 0");
        if (MaxAnswerTokens is not > 0) throw Bad(file, "maxAnswerTokens", "has to be a whole number above 0");
        if (Threshold is not { } threshold || !double.IsFinite(threshold)) throw Bad(file, "threshold", "has to be a finite number");
        return new QuestionAnswering(Stride.Value, MaxAnswerTokens.Value, AnswersAlways ?? throw Bad(file, "answersAlways", "is missing"), threshold);
    }

    /// <summary>JSON; every double keeps its bits.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, TaskJson.Readable.TaskDocument);

    /// <summary>Reads JSON; <paramref name="file"/> is for messages.</summary>
    /// <exception cref="DataFormatException">It is no task; names the property.</exception>
    public static TaskDocument FromJson(string json, string file)
    {
        try
        {
            return JsonSerializer.Deserialize(json, TaskJson.Readable.TaskDocument) ?? throw new JsonException("The section holds null.");
        }
        catch (JsonException e)
        {
            throw new DataFormatException(file, e.LineNumber + 1, null, $"This is no valid task, at property {e.Path ?? "$"}: {e.Message} Copy the model folder anew.", e);
        }
    }

    private static DataFormatException Bad(string file, string property, string problem)
        => new(file, null, null, $"This is no valid task: property task.{property} {problem}. Copy the model folder anew, or train again.");
}

/// <summary>Reads and writes <see cref="TaskDocument"/> without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(TaskDocument))]
internal sealed partial class TaskJson : JsonSerializerContext
{
    public static TaskJson Readable => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
