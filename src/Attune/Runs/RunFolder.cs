using System.Text.Json.Nodes;

namespace Attune.Runs;

/// <summary>
/// The files of one run. <c>run.json</c> is written first, with status <c>running</c>, and last, with <c>complete</c>; everything between may be missing after a kill,
/// nothing is ever half-written.
/// </summary>
public sealed class RunFolder
{
    private const string StatusKey = "status";

    private RunFolder(string path) => Path = path;

    /// <summary>The folder as the user named it.</summary>
    public string Path { get; }

    /// <summary>Options, command, resolved settings, fingerprints, status.</summary>
    public string RunFile => File("run.json");

    /// <summary>One JSON object per line: steps and epochs.</summary>
    public string EventsFile => File("events.jsonl");

    /// <summary>How rows were divided.</summary>
    public string SplitFile => File("split.json");

    /// <summary>Metrics of every split, with intervals.</summary>
    public string EvaluationFile => File("evaluation.json");

    /// <summary>Whether the model got better.</summary>
    public string VerdictFile => File("verdict.json");

    /// <summary>The page for people.</summary>
    public string ReportFile => File("report.html");

    /// <summary>Where training can be taken up again.</summary>
    public string CheckpointFile => File("checkpoints/last.safetensors");

    /// <summary>The folder that predicts on its own.</summary>
    public string ModelPath => File("model");

    /// <summary>True when the run has ended well.</summary>
    public bool IsComplete => ReadRun()[StatusKey] is JsonValue status && status.TryGetValue<string>(out var word) && word == "complete";

    /// <summary>True when <paramref name="path"/> looks like a run folder.</summary>
    public static bool Exists(string path) => System.IO.File.Exists(System.IO.Path.Combine(path, "run.json"));

    /// <summary>Checks that a new run may be written to <paramref name="path"/>; writes nothing.</summary>
    /// <exception cref="OptionsException">Something is there already and <paramref name="force"/> is off, or it is no folder.</exception>
    public static void CheckFree(string path, bool force)
    {
        if (System.IO.File.Exists(path)) throw new OptionsException($"out: '{path}' is a file; name a folder.");
        if (!Directory.Exists(path) || Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).All(f => System.IO.Path.GetFileName(f) == ".lock")) return;   // empty folders are left by a kill at the very start
        if (!force) throw new OptionsException($"out: The folder '{path}' exists already. Choose another name, continue it with `attune tune --resume {path}`, or overwrite it with --force.");
        if (!Exists(path)) throw new OptionsException($"out: '{path}' exists and is no run folder; --force only replaces runs. Choose another name, or empty it yourself.");
    }

    /// <summary>Makes an empty run folder; an old run there is removed (see <see cref="CheckFree"/>).</summary>
    public static RunFolder Create(string path)
    {
        var folder = new RunFolder(path);
        if (Directory.Exists(path))
        {
            foreach (var file in new[] { folder.EventsFile, folder.SplitFile, folder.EvaluationFile, folder.VerdictFile, folder.ReportFile })
                System.IO.File.Delete(file);
            foreach (var inner in new[] { folder.ModelPath, folder.File("checkpoints") })
            {
                if (Directory.Exists(inner)) Directory.Delete(inner, recursive: true);
            }
        }
        Directory.CreateDirectory(folder.File("checkpoints"));
        return folder;
    }

    /// <summary>Opens a run that exists.</summary>
    /// <exception cref="DataFormatException">There is none.</exception>
    public static RunFolder Open(string path)
    {
        if (!Exists(path))
        {
            throw new DataFormatException(path, null, null, Directory.Exists(path)
                ? "is no run folder: it has no run.json."
                : "There is no such run folder. Name a folder that `attune tune --out FOLDER` has written.");
        }
        var folder = new RunFolder(path);
        Directory.CreateDirectory(folder.File("checkpoints"));
        return folder;
    }

    /// <summary>Removes temporary files that a kill has left; for the one process that has the folder.</summary>
    public void RemoveLeftovers()
    {
        foreach (var file in Directory.EnumerateFiles(Path, ".attune-*.tmp", SearchOption.AllDirectories)) System.IO.File.Delete(file);
    }

    /// <summary>run.json.</summary>
    /// <exception cref="DataFormatException">It is missing or damaged.</exception>
    public JsonObject ReadRun() => ReadObject(RunFile);

    /// <summary>Writes run.json whole.</summary>
    public void WriteRun(JsonObject run, string status)
    {
        run[StatusKey] = status;
        WriteObject(RunFile, run);
    }

    /// <summary>Reads a JSON object.</summary>
    /// <exception cref="DataFormatException">The file is missing or damaged.</exception>
    public static JsonObject ReadObject(string path)
    {
        try
        {
            return JsonNode.Parse(System.IO.File.ReadAllText(path))?.AsObject() ?? throw new DataFormatException(path, null, null, "is empty.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Text.Json.JsonException or InvalidOperationException)
        {
            throw new DataFormatException(path, null, null, $"cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Writes a JSON object whole or not at all.</summary>
    public static void WriteObject(string path, JsonObject value) => AtomicFile.WriteAllText(path, value.ToJsonString(Indented) + "\n");

    private static readonly System.Text.Json.JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver(),
    };

    private string File(string name) => System.IO.Path.Combine(Path, name);
}
