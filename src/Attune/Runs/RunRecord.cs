using System.Text.Json.Nodes;
using Attune.Data;
using Attune.Evaluation;
using Attune.Options;

namespace Attune.Runs;

/// <summary>The content of <c>run.json</c>: options as given, choices as made, data as found.</summary>
internal static class RunRecord
{
    /// <summary>run.json of a run that starts.</summary>
    public static JsonObject Create(PreparedRun prepared, RunRequest request)
    {
        var settings = prepared.Settings;
        var fingerprints = new JsonObject();
        foreach (var (path, fingerprint) in prepared.Fingerprints) fingerprints[path] = ToJson(fingerprint);
        var run = new JsonObject
        {
            ["status"] = "running",
            ["attune"] = typeof(RunRecord).Assembly.GetName().Version!.ToString(3),
            ["started"] = request.Clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
            ["command"] = request.Command,
            ["workingFolder"] = Environment.CurrentDirectory,
            ["environment"] = CheckpointFile.Environment(prepared.Threads),
            ["options"] = OptionsReader.Save(prepared.Options),
            ["chosen"] = new JsonObject
            {
                ["task"] = prepared.Task.Name,
                ["metric"] = settings.Metric.Name,
                ["loss"] = settings.Loss.Name,
                ["epochs"] = settings.Epochs,
                ["batch-size"] = settings.BatchSize,
                ["learning-rate"] = settings.LearningRate,
                ["patience"] = settings.Patience,
                ["engine"] = prepared.Engine,
                ["parameters"] = prepared.Network.Weights.All.Where(w => w.Role == Weights.WeightRole.Parameter).Sum(w => w.Count),
                ["trainable"] = prepared.Trainable.Sum(t => prepared.Network.Weights[t.Name].Count),
            },
            ["data"] = fingerprints,
            ["notes"] = new JsonArray([.. prepared.Notes.Select(n => JsonValue.Create(n))]),
        };
        if (prepared.Start is { } start) run["startingWeightsSha256"] = start.Sha256;
        if (prepared.TeacherSha256 is { } teacher) run["teacherWeightsSha256"] = teacher;
        return run;
    }

    /// <summary>The options of a run; relative paths that are not here are looked for in the folder where the run was started.</summary>
    /// <exception cref="DataFormatException">run.json is damaged.</exception>
    public static RunOptions ReadOptions(RunFolder folder)
    {
        var run = folder.ReadRun();
        var options = OptionsReader.Load(run["options"], folder.RunFile);
        var from = run["workingFolder"] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
        string? Find(string? path) => path is null || File.Exists(path) || Directory.Exists(path) || !Path.Exists(Path.Combine(from, path)) ? path : Path.Combine(from, path);
        return options with
        {
            Data = options.Data with { Path = Find(options.Data.Path), Test = Find(options.Data.Test), Validation = Find(options.Data.Validation) },
            Model = options.Model with { Path = Find(options.Model.Path), Base = Find(options.Model.Base) },
            Objective = options.Objective with { Teacher = Find(options.Objective.Teacher) },
            Text = options.Text with { Tokenizer = Find(options.Text.Tokenizer) },
            Augmentation = options.Augmentation with { Synonyms = Find(options.Augmentation.Synonyms) },
        };
    }

    /// <summary>Demands that data and earlier model are still what the interrupted run has seen.</summary>
    /// <exception cref="DataFormatException">They are not.</exception>
    public static void Compare(JsonObject run, PreparedRun prepared, RunFolder folder)
    {
        foreach (var (path, fingerprint) in prepared.Fingerprints)
        {
            if (!JsonNode.DeepEquals(run["data"]?[path], ToJson(fingerprint)))
                throw new DataFormatException(folder.RunFile, null, null, $"The data of {path} changed since this run was started, so it cannot be continued to the same result. Put the old file back, or start a new run.");
        }
        if (run["startingWeightsSha256"]?.GetValue<string>() != prepared.Start?.Sha256)
            throw new DataFormatException(folder.RunFile, null, null, "The earlier model (model.path) changed since this run was started. Put it back, or start a new run.");
        if (run["teacherWeightsSha256"]?.GetValue<string>() != prepared.TeacherSha256)
            throw new DataFormatException(folder.RunFile, null, null, "The teacher (objective.teacher) changed since this run was started. Put it back, or start a new run.");
    }

    /// <summary>The result of a finished run, from its files.</summary>
    public static RunResult ReadResult(RunFolder folder) => new(folder.Path, true,
        Verdict.FromJson(File.ReadAllText(folder.VerdictFile)), EvaluationReport.FromJson(File.ReadAllText(folder.EvaluationFile)));

    private static JsonObject ToJson(DataFingerprint fingerprint) => new()
    {
        ["sha256"] = fingerprint.Sha256,
        ["bytes"] = fingerprint.Bytes,
        ["rows"] = fingerprint.Rows,
        ["columns"] = fingerprint.Columns,
    };
}
