using System.Globalization;
using System.Text.Json.Nodes;
using Attune.Options;
using Attune.Runs;
using Attune.Training;

namespace Attune.Tests.Runs;

/// <summary>Trap 33 and promise 3 inside one process: stop anywhere, go on, end with the same bits.</summary>
public sealed class ResumeTests
{
    private static readonly string[] Settings = ["training.epochs=6", "model.normalization=batch", "training.micro-batch-size=13", "training.checkpoint-seconds=0"];

    [Fact]
    public void Trap_33_stopped_at_random_steps_the_files_end_up_the_same()
    {
        using var folder = TestFiles.Folder();
        var data = folder.Write("table.csv", SmallTables.Binary(400));
        var whole = Path.Combine(folder.Path, "whole");
        FineTuning.Run(SmallTables.Quick(data, "label", whole, Settings));
        var expected = SmallTables.Results(whole);
        foreach (var stops in new long[][] { [0], [1, 2], [8], [7, 13, 29], [47] })
        {
            var run = Path.Combine(folder.Path, "run" + string.Join('-', stops));
            var result = Stopped(stops[0], r => FineTuning.Run(SmallTables.Quick(data, "label", run, Settings), r));
            Assert.False(result.Completed);
            Assert.Null(result.Verdict);
            foreach (var stop in stops.Skip(1)) Assert.False(Stopped(stop, r => FineTuning.Resume(run, r)).Completed);
            Assert.True(FineTuning.Resume(run).Completed);
            Assert.Equal(expected, SmallTables.Results(run));
        }
    }

    [Fact]
    public void Trap_33_a_fine_tune_with_a_new_head_resumes_to_the_same_bits()
    {
        using var folder = TestFiles.Folder();
        var first = Path.Combine(folder.Path, "first");
        FineTuning.Run(SmallTables.Quick(folder.Write("three.csv", SmallTables.Colours(240)), "class", first));
        var data = folder.Write("four.csv", SmallTables.Colours(300, grey: true));
        string[] settings = ["model.path=" + first, "objective.l2-sp=0.1", "method.layer-rate-decay=0.5"];
        var whole = Path.Combine(folder.Path, "whole");
        FineTuning.Run(SmallTables.Quick(data, "class", whole, settings));
        var run = Path.Combine(folder.Path, "run");
        Stopped(5, r => FineTuning.Run(SmallTables.Quick(data, "class", run, settings), r));
        FineTuning.Resume(run);
        Assert.Equal(SmallTables.Results(whole), SmallTables.Results(run));
    }

    [Theory]
    [InlineData("training.ema-decay=0.95", "method.unfreeze-every=1", "method.layer-rate-decay=0.7")]
    [InlineData("method.name=lora", "method.dropout=0.2", "training.ema-decay=0.9")]
    [InlineData("method.name=last-n", "method.unfreeze-every=1", "training.optimizer=sgd", "training.momentum=0.9")]
    public void Trap_33_averages_stages_and_adapters_resume_to_the_same_bits(params string[] method)
    {
        using var folder = TestFiles.Folder();
        var first = Path.Combine(folder.Path, "first");
        FineTuning.Run(SmallTables.Quick(folder.Write("first.csv", SmallTables.Binary(200)), "label", first, "model.normalization=batch", "encoding.categorical=embedding"));
        var data = folder.Write("table.csv", SmallTables.Binary(300, "more", 0.4));
        string[] settings = ["model.path=" + first, "training.epochs=5", "training.micro-batch-size=13", .. method];
        var whole = Path.Combine(folder.Path, "whole");
        FineTuning.Run(SmallTables.Quick(data, "label", whole, settings));
        var expected = SmallTables.Results(whole);
        foreach (var stops in new long[][] { [0], [6, 7], [5, 13, 21] })
        {
            var run = Path.Combine(folder.Path, "run" + string.Join('-', stops));
            Assert.False(Stopped(stops[0], r => FineTuning.Run(SmallTables.Quick(data, "label", run, settings), r)).Completed);
            foreach (var stop in stops.Skip(1)) Assert.False(Stopped(stop, r => FineTuning.Resume(run, r)).Completed);
            Assert.True(FineTuning.Resume(run).Completed);
            Assert.Equal(expected, SmallTables.Results(run));
        }
    }

    [Theory]
    [InlineData("method.name=full", "training.ema-decay=0.9", "augmentation.horizontal-flip=0.5", "augmentation.brightness=0.2")]
    [InlineData("method.name=head", "augmentation.horizontal-flip=0.5", "training.prefix-views=2")]
    [InlineData("method.name=full", "training.gradient-checkpointing=true", "augmentation.mixup=0.3", "training.optimizer=sgd", "training.momentum=0.9")]
    public void Trap_33_picture_runs_resume_to_the_same_bits(params string[] settings)
    {
        using var folder = TestFiles.Folder();
        var files = TinyPictures.Write(folder);
        var whole = Path.Combine(folder.Path, "whole");
        FineTuning.Run(TinyPictures.Quick(files, whole, settings));
        var expected = SmallTables.Results(whole);
        var again = Path.Combine(folder.Path, "again");
        FineTuning.Run(TinyPictures.Quick(files, again, settings));
        Assert.Equal(expected, SmallTables.Results(again));
        foreach (var stops in new long[][] { [0], [3], [5, 6, 11] })
        {
            var run = Path.Combine(folder.Path, "run" + string.Join('-', stops));
            Assert.False(Stopped(stops[0], r => FineTuning.Run(TinyPictures.Quick(files, run, settings), r)).Completed);
            foreach (var stop in stops.Skip(1)) Assert.False(Stopped(stop, r => FineTuning.Resume(run, r)).Completed);
            Assert.True(FineTuning.Resume(run).Completed);
            Assert.Equal(expected, SmallTables.Results(run));
        }
    }

    [Fact]
    public void A_checkpoint_keeps_the_average()
    {
        using var folder = TestFiles.Folder();
        var run = Path.Combine(folder.Path, "run");
        Stopped(9, r => FineTuning.Run(SmallTables.Quick(folder.Write("table.csv", SmallTables.Binary(400)), "label", run, "training.ema-decay=0.9", "model.normalization=batch"), r));
        var state = CheckpointFile.Read(RunFolder.Open(run).CheckpointFile, 1, false);
        Assert.Equal(state.Current!.Weights.Keys.Order(), state.Average!.Keys.Order());
        Assert.Contains("norms.0.running_mean", state.Average.Keys);
        Assert.NotEqual(state.Current.Weights["head.weight"], state.Average["head.weight"]);
    }

    [Fact]
    public void A_complete_run_is_left_as_it_is_and_it_is_said()
    {
        using var run = new Interrupted();
        FineTuning.Resume(run.Path);
        var before = SmallTables.Results(run.Path);
        var notes = new Notes();
        var result = FineTuning.Resume(run.Path, new RunRequest { Callbacks = [notes] });
        Assert.True(result.Completed);
        Assert.Contains(notes.All, n => n.Contains("is complete", StringComparison.Ordinal));
        Assert.Equal(before, SmallTables.Results(run.Path));
    }

    [Theory]
    [InlineData("truncated")]
    [InlineData("flipped weight")]
    [InlineData("flipped header")]
    [InlineData("flipped counter")]
    [InlineData("empty")]
    public void Damaged_checkpoint_is_refused_with_its_name(string damage)
    {
        using var run = new Interrupted();
        var file = RunFolder.Open(run.Path).CheckpointFile;
        var bytes = File.ReadAllBytes(file);
        var text = System.Text.Encoding.Latin1.GetString(bytes);
        switch (damage)
        {
            case "truncated": bytes = bytes[..(bytes.Length / 2)]; break;
            case "flipped weight": bytes[^40] ^= 4; break;
            case "flipped header": bytes[20] ^= 1; break;
            case "flipped counter": bytes[text.IndexOf("attune.step", StringComparison.Ordinal) + "attune.step\":\"".Length] ^= 1; break;
            default: bytes = []; break;
        }
        File.WriteAllBytes(file, bytes);
        var error = Assert.ThrowsAny<AttuneException>(() => FineTuning.Resume(run.Path));
        Assert.Contains("last.safetensors", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Changed_data_are_refused()
    {
        using var run = new Interrupted();
        File.AppendAllText(run.Data, "1,2,Oslo,yes\n");
        Assert.Contains("changed since", Assert.Throws<DataFormatException>(() => FineTuning.Resume(run.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_thread_count_is_refused_unless_drift_is_allowed()
    {
        using var run = new Interrupted();
        var folder = RunFolder.Open(run.Path);
        var json = folder.ReadRun();
        json["options"]!["training"]!["threads"] = 2;
        folder.WriteRun(json, "interrupted");
        var error = Assert.Throws<OptionsException>(() => FineTuning.Resume(run.Path));
        Assert.Contains("--allow-drift", error.Message, StringComparison.Ordinal);
        Assert.Contains("threads 1", error.Message, StringComparison.Ordinal);
        Assert.True(FineTuning.Resume(run.Path, new RunRequest { AllowDrift = true }).Completed);
    }

    [Fact]
    public void Without_a_checkpoint_the_run_starts_over_to_the_same_bits()
    {
        using var run = new Interrupted();
        using var other = new Interrupted();
        File.Delete(RunFolder.Open(other.Path).CheckpointFile);
        File.Delete(RunFolder.Open(other.Path).SplitFile);   // as a kill right after run.json leaves it
        FineTuning.Resume(run.Path);
        FineTuning.Resume(other.Path);
        var (a, b) = (SmallTables.Results(run.Path), SmallTables.Results(other.Path));
        foreach (var file in new[] { "model/model.safetensors", "events.jsonl", "split.json", "evaluation.json", "verdict.json" }) Assert.Equal(a[file], b[file]);
    }

    [Fact]
    public void A_shortened_event_log_is_refused()
    {
        using var run = new Interrupted();
        File.WriteAllText(RunFolder.Open(run.Path).EventsFile, "{}\n");
        Assert.Contains("events.jsonl", Assert.Throws<DataFormatException>(() => FineTuning.Resume(run.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"status": 3}""")]
    [InlineData("""{"status": "interrupted", "options": {"training": 3}}""")]
    public void Damaged_run_json_is_refused_with_its_name(string text)
    {
        using var run = new Interrupted();
        File.WriteAllText(RunFolder.Open(run.Path).RunFile, text);
        Assert.Contains("run.json", Assert.ThrowsAny<AttuneException>(() => FineTuning.Resume(run.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Checkpoint_survives_its_file_to_the_bit()
    {
        using var run = new Interrupted();
        var file = RunFolder.Open(run.Path).CheckpointFile;
        var state = CheckpointFile.Read(file, 1, false);
        var copy = file + ".copy";
        CheckpointFile.Write(copy, state, 1);
        Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(copy));
        Assert.Equal(9, state.Step);
        Assert.NotNull(state.Best);
    }

    internal static RunResult Stopped(long step, Func<RunRequest, RunResult> run)
    {
        using var stop = new CancellationTokenSource();
        if (step == 0) stop.Cancel();
        return run(new RunRequest { Callbacks = [new StopAt(step, stop)], Stop = stop.Token });
    }

    private sealed class StopAt(long step, CancellationTokenSource stop) : Callback
    {
        public override void Step(in StepReport report)
        {
            if (report.Step == step) stop.Cancel();
        }
    }

    private sealed class Notes : Callback
    {
        public List<string> All { get; } = [];

        public override void Note(string message) => All.Add(message);
    }

    /// <summary>A run stopped after nine steps, in its second epoch.</summary>
    private sealed class Interrupted : IDisposable
    {
        private readonly TemporaryFolder _folder = TestFiles.Folder();

        public Interrupted()
        {
            Data = _folder.Write("table.csv", SmallTables.Binary(400));
            Path = System.IO.Path.Combine(_folder.Path, "run");
            Assert.False(Stopped(9, r => FineTuning.Run(SmallTables.Quick(Data, "label", Path), r)).Completed);
        }

        public string Data { get; }

        public string Path { get; }

        public void Dispose() => _folder.Dispose();
    }
}
