using System.Text.Json.Nodes;
using Attune.Data;
using Attune.Options;
using Attune.Runs;
using Attune.Training;

namespace Attune;

/// <summary>The façade: options in, a run folder with a proven model out.</summary>
/// <example><code>
/// var result = FineTuning.Run(new RunOptions
/// {
///     Out = "runs/first",
///     Data = new DataOptions { Path = "samples/data/breast-cancer.csv", Target = "diagnosis" },
/// });
/// Console.WriteLine(result.Verdict!.Sentence);
/// </code></example>
public static class FineTuning
{
    /// <summary>Trains or fine-tunes a model, judges it on untouched test rows and saves it.</summary>
    /// <param name="options">What to do; checked as a whole before anything is read.</param>
    /// <param name="request">Watchers, stop signal, permission to replace an earlier run.</param>
    /// <exception cref="OptionsException">Options are wrong or contradict each other; all problems are listed.</exception>
    /// <exception cref="DataFormatException">A file cannot be used; names file, line and column.</exception>
    /// <exception cref="TrainingException">The self-test failed, or the loss is no longer a number.</exception>
    public static RunResult Run(RunOptions options, RunRequest? request = null)
    {
        request ??= new RunRequest();
        options.Validate();
        RunFolder.CheckFree(options.Out!, request.Force);
        foreach (var callback in request.Callbacks) callback.Phase("reading");
        using var prepared = RunPreparation.Prepare(options, ProgressOf(request));
        using var training = RunTraining.Start(prepared, request);
        using var taken = RunLock.Take(options.Out!);
        RunFolder.CheckFree(options.Out!, request.Force);   // another run may have begun there meanwhile
        var folder = RunFolder.Create(options.Out!);
        var run = RunRecord.Create(prepared, request);
        folder.WriteRun(run, "running");
        AtomicFile.WriteAllText(folder.SplitFile, prepared.Splits.Report.ToJson() + "\n");
        return training.Finish(folder, run, null);
    }

    /// <summary>Continues an interrupted run to the same final bits; a finished one is left as it is.</summary>
    /// <param name="path">The run folder.</param>
    /// <param name="request">Watchers and stop signal.</param>
    /// <exception cref="DataFormatException">The run folder is damaged, or the data changed since.</exception>
    /// <exception cref="OptionsException">The checkpoint comes from another thread count, CPU or version.</exception>
    public static RunResult Resume(string path, RunRequest? request = null)
    {
        request ??= new RunRequest();
        var folder = RunFolder.Open(path);
        var run = folder.ReadRun();
        if (folder.IsComplete)
        {
            foreach (var callback in request.Callbacks) callback.Note($"{path} is complete; there is nothing left to do.");
            return RunRecord.ReadResult(folder);
        }
        using var taken = RunLock.Take(path);
        folder.RemoveLeftovers();
        foreach (var callback in request.Callbacks) callback.Phase("reading");
        using var prepared = RunPreparation.Prepare(RunRecord.ReadOptions(folder) with { Out = path }, ProgressOf(request));
        RunRecord.Compare(run, prepared, folder);
        using var training = RunTraining.Start(prepared, request);
        var state = File.Exists(folder.CheckpointFile) ? CheckpointFile.Read(folder.CheckpointFile, prepared.Threads, request.AllowDrift) : null;
        folder.WriteRun(run, "running");
        AtomicFile.WriteAllText(folder.SplitFile, prepared.Splits.Report.ToJson() + "\n");   // a kill may have come before it was written
        return training.Finish(folder, run, state);
    }

    // Pictures are read by several threads: a callback hears from one of them at a time.
    private static Action<string, int, int> ProgressOf(RunRequest request)
    {
        var one = new Lock();
        return (what, done, all) =>
        {
            lock (one)
            {
                foreach (var callback in request.Callbacks) callback.Progress(what, done, all);
            }
        };
    }
}
