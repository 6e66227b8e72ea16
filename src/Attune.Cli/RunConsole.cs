using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Attune.Runs;
using Attune.Training;

namespace Attune.Cli;

/// <summary>
/// Shows a run to a person: plan, progress, result. Progress goes to standard error (a redrawn line on a terminal, a plain line every few seconds elsewhere), the result to
/// standard output.
/// </summary>
internal sealed class RunConsole(bool quiet, bool json, bool verbose, StopSignal? stop = null) : Callback
{
    private static readonly TimeSpan TerminalInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(2);
    private readonly bool _terminal = !Console.IsErrorRedirected;
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _shown = Stopwatch.GetTimestamp();
    private EpochReport? _last;
    private EpochReport? _best;
    private long _trainingStarted;
    private readonly Lock _gate = new();
    private bool _line;

    /// <inheritdoc/>
    public override void Note(string message) => Say("note: " + message);

    /// <inheritdoc/>
    public override void Phase(string name)
    {
        EndLine();
        if (name == "evaluating" && stop is not null) stop.AtOnce = true;
        if (name == "training") _trainingStarted = Stopwatch.GetTimestamp();
        if (verbose) Say(string.Create(CultureInfo.InvariantCulture, $"{(DateTime.Now - Process.GetCurrentProcess().StartTime).TotalMilliseconds,7:0} ms  {name}"));
        else if (Stopwatch.GetElapsedTime(_started).TotalSeconds > 2) Say(name + "…");
    }

    /// <inheritdoc/>
    public override void Plan(IReadOnlyList<(string Label, string Text)> lines)
    {
        foreach (var (label, text) in lines) Say($"{label,-9} {text}");
    }

    /// <inheritdoc/>
    public override void SelfTested(IReadOnlyList<SelfTestCheck> checks) => Say($"self-test {checks.Count} of {checks.Count} checks passed");

    /// <inheritdoc/>
    public override void Step(in StepReport report)
    {
        if (quiet || ((report.Step & 15) != 0 && report.TotalSteps > 5000) || Stopwatch.GetElapsedTime(_shown) < (_terminal ? TerminalInterval : PlainInterval)) return;
        _shown = Stopwatch.GetTimestamp();
        Show(report);
    }

    /// <inheritdoc/>
    public override void Progress(string what, int done, int all)
    {
        if (quiet || Stopwatch.GetElapsedTime(_started).TotalSeconds < 1) return;
        lock (_gate)
        {
            if (Stopwatch.GetElapsedTime(_shown) < (_terminal ? TerminalInterval : PlainInterval)) return;
            _shown = Stopwatch.GetTimestamp();
            var text = string.Create(CultureInfo.InvariantCulture, $"{what}: {done:N0} of {all:N0}");
            if (_terminal) Console.Error.Write($"\r\u001b[2K{text}");
            else Console.Error.WriteLine(text);
            _line = _terminal;
        }
    }

    /// <inheritdoc/>
    public override void Epoch(EpochReport report)
    {
        _last = report;
        if (report.IsBest) _best = report;
    }

    /// <summary>Prints what the run ended with.</summary>
    public void Finish(RunResult result)
    {
        EndLine();
        if (verbose) Phase("done");
        if (json)
        {
            Console.Out.WriteLine(new JsonObject
            {
                ["run"] = result.Path,
                ["completed"] = result.Completed,
                ["verdict"] = result.Verdict is null ? null : JsonNode.Parse(result.Verdict.ToJson()),
                ["evaluation"] = result.Evaluation is null ? null : JsonNode.Parse(result.Evaluation.ToJson()),
            }.ToJsonString(CliJson.Indented));
            return;
        }
        if (!result.Completed)
        {
            Console.Error.WriteLine($"Interrupted. Continue with: ./attune tune --resume {result.Path}");
            return;
        }
        if (_last is not null) Say(string.Create(CultureInfo.InvariantCulture, $"trained   {_last.Epoch + 1} epochs, {_last.Step:N0} steps; best epoch {(_best is null ? "before the interruption" : (_best.Epoch + 1).ToString(CultureInfo.InvariantCulture))}"));
        if (!quiet) MetricsTable.Print(result.Evaluation!);
        Console.Out.WriteLine($"{result.Verdict!.Word.ToUpperInvariant()}: {result.Verdict.Sentence}");
        foreach (var sentence in result.Verdict.SimpleSentences) Console.Out.WriteLine(sentence);
        if (result.Verdict.Forgetting is { } forgetting) Console.Out.WriteLine(forgetting.Sentence);
        if (quiet) return;
        Console.Out.WriteLine($"model     {Path.Combine(result.Path, "model")}");
        Console.Out.WriteLine($"report    {Path.Combine(result.Path, "report.html")}");
    }

    private void Show(in StepReport report)
    {
        var share = (double)report.Step / report.TotalSteps;
        var elapsed = Stopwatch.GetElapsedTime(_trainingStarted);
        var left = elapsed * (1 / share - 1);
        var metric = _last?.Metric is { } value ? string.Create(CultureInfo.InvariantCulture, $", validation {value:G4}") : "";
        var text = string.Create(CultureInfo.InvariantCulture, $"epoch {report.Epoch + 1}, step {report.Step:N0}/{report.TotalSteps:N0}, loss {report.Loss:G4}{metric}, at most {RunPlan.Duration(left)} left");
        if (!_terminal)
        {
            Console.Error.WriteLine(text);
            return;
        }
        const int width = 24;
        var done = (int)(share * width);
        Console.Error.Write($"\r\u001b[2K[{new string('━', done)}{new string(' ', width - done)}] {text}");
        _line = true;
    }

    private void Say(string text)
    {
        if (quiet) return;
        EndLine();
        Console.Error.WriteLine(text);
    }

    private void EndLine()
    {
        if (!_line) return;
        Console.Error.Write("\r\u001b[2K");
        _line = false;
    }
}
