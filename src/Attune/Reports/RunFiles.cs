using System.Text.Json;
using Attune.Evaluation;
using Attune.Runs;
using Attune.Splitting;

namespace Attune.Reports;

/// <summary>What the files of a run say. Parts that a run has not written yet are null.</summary>
internal sealed record RunFiles
{
    /// <summary>run.json.</summary>
    public required JsonPart Run { get; init; }

    /// <summary>events.jsonl.</summary>
    public TrainingHistory? History { get; init; }

    /// <summary>split.json.</summary>
    public SplitReport? Split { get; init; }

    /// <summary>evaluation.json.</summary>
    public EvaluationReport? Evaluation { get; init; }

    /// <summary>verdict.json.</summary>
    public Verdict? Verdict { get; init; }

    /// <summary>The test split; null when it was not evaluated.</summary>
    public SplitEvaluation? Test => Evaluation?.Splits.GetValueOrDefault("test");

    /// <summary>Name of the primary metric; null before it was chosen.</summary>
    public string? Metric => Verdict?.Metric ?? Run["chosen"]["metric"].Text;

    /// <summary>Reads every file that is there.</summary>
    /// <exception cref="DataFormatException">run.json is missing, or a file is damaged.</exception>
    /// <param name="folder">The run.</param>
    /// <param name="split">Content of split.json where the caller has it; null reads the file.</param>
    /// <param name="evaluation">Content of evaluation.json likewise.</param>
    /// <param name="verdict">Content of verdict.json likewise.</param>
    public static RunFiles Read(RunFolder folder, SplitReport? split = null, EvaluationReport? evaluation = null, Verdict? verdict = null)
    {
        var files = new RunFiles
        {
            Run = ReadRun(folder.RunFile),
            History = TrainingHistory.Read(folder.EventsFile),
            Split = split ?? Part(folder.SplitFile, SplitReport.FromJson),
            Evaluation = evaluation ?? Part(folder.EvaluationFile, EvaluationReport.FromJson),
            Verdict = verdict ?? Part(folder.VerdictFile, Verdict.FromJson),
        };
        files.CheckShapes(folder.EvaluationFile);
        return files;
    }

    /// <summary>A file's bytes; null when it does not exist.</summary>
    /// <exception cref="DataFormatException">It cannot be read.</exception>
    public static byte[]? ReadBytes(string path)
    {
        try { return File.Exists(path) ? File.ReadAllBytes(path) : null; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw new DataFormatException(path, null, null, $"cannot be read: {e.Message}", e); }
    }

    private static JsonPart ReadRun(string path)
    {
        var bytes = ReadBytes(path) ?? throw new DataFormatException(path, null, null, "is missing; name a folder that `attune tune --out FOLDER` has written.");
        try { return new JsonPart(path, "", JsonDocument.Parse(bytes).RootElement) is { Element.ValueKind: JsonValueKind.Object } run ? run : throw new JsonException("It holds no object."); }
        catch (JsonException e) { throw new DataFormatException(path, null, null, $"is damaged: {e.Message}", e); }
    }

    private static T? Part<T>(string path, Func<string, T> read) where T : class
    {
        if (ReadBytes(path) is not { } bytes) return null;
        try { return read(System.Text.Encoding.UTF8.GetString(bytes)); }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException) { throw new DataFormatException(path, null, null, $"is damaged: {e.Message} Evaluate the run again, or start it again with --force.", e); }
    }

    private void CheckShapes(string path)
    {
        if (Evaluation is null) return;
        foreach (var (name, split) in Evaluation.Splits)
        {
            var classes = Evaluation.Classes?.Count ?? 0;
            if (split.Classes is { } figures && figures.Count != classes)
                throw new DataFormatException(path, null, null, $"is damaged: '{name}' has figures of {figures.Count} classes, and there are {classes}.");
            if (split.ConfusionMatrix is not { } matrix) continue;
            if (matrix.Count != classes || matrix.Any(row => row.Count != classes))
                throw new DataFormatException(path, null, null, $"is damaged: the confusion matrix of '{name}' does not fit the {classes} classes.");
        }
    }
}
