using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Attune.Tests.Runs;

namespace Attune.Tests.Cli;

/// <summary>Wrong words, wrong data, wrong places: exit code 2 (or 1 where the machine fails), one paragraph, nothing half-written.</summary>
public sealed class BadInputTests
{
    private static readonly string Bad = TestFiles.At("test", "data", "bad");

    public static TheoryData<string> Files() => [.. Cases().Keys];

    [Theory]
    [MemberData(nameof(Files))]
    public void Bad_file_through_the_whole_command(string name)
    {
        using var folder = TestFiles.Folder();
        var expected = Cases()[name];
        var path = Path.Combine(Bad, name);
        var target = expected.TryGetProperty("target", out var given) ? given.GetString()! : File.ReadLines(path).FirstOrDefault("")!.Trim('\uFEFF', '\r').Split(',')[^1];
        var result = Tool.Run(folder.Path, "tune", "--data", path, "--target", target, "--out", "run", "--epochs", "1", "--quiet");
        Assert.DoesNotContain("unexpected failure", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        if (expected.GetProperty("expect").GetString() == "reject") result.Expect(2);
        else Assert.True(result.Code is 0 or 2, result.Error);   // accepted tables may still be too small to train on
        if (result.Code == 0) return;
        Assert.StartsWith("error: ", result.Error, StringComparison.Ordinal);
        if (expected.TryGetProperty("line", out var line))
        {
            Assert.Contains(path, result.Error, StringComparison.Ordinal);
            Assert.Contains("line " + line.GetInt64().ToString(CultureInfo.InvariantCulture), result.Error, StringComparison.Ordinal);
        }
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    public static TheoryData<string, string, string> Tables() => new()
    {
        { "header only", "age,size,city,label\n", "has a header" },
        { "a class with one row", SmallTables.Binary(60) + "1,1,Oslo,maybe\n", "maybe" },
        { "all targets missing", "a,label\n1,\n2,\n3,\n", "missing" },
        { "no usable column", string.Concat("name,label\n", string.Concat(Enumerable.Range(0, 40).Select(i => $"1,{(i % 2 == 0 ? "a" : "b")}\n"))), "no column is left" },
    };

    [Theory]
    [MemberData(nameof(Tables))]
    public void Table_that_cannot_be_learned_is_refused(string what, string text, string expected)
    {
        using var folder = TestFiles.Folder();
        folder.Write("table.csv", text);
        var result = Tool.Run(folder.Path, "tune", "--data", "table.csv", "--target", "label", "--out", "run");
        Assert.True(result.Code == 2, what + "\n" + result.Error);
        Assert.Contains("table.csv", result.Error, StringComparison.Ordinal);
        Assert.Contains(expected, result.Error, StringComparison.OrdinalIgnoreCase);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "run")));
    }

    [Fact]
    public void Missing_files_columns_and_test_files_of_another_shape_are_named_with_the_nearest()
    {
        using var folder = TestFiles.Folder();
        folder.Write("table.csv", SmallTables.Binary(80));
        folder.Write("other.csv", "age,sizes,city,label\n1,2,Oslo,yes\n");
        string Error(params string[] more) => Tool.Run(folder.Path, ["tune", "--out", "run", .. more]).Expect(2).Error;
        Assert.Contains("nothing.csv", Error("--data", "nothing.csv", "--target", "label"), StringComparison.Ordinal);
        Assert.Contains("'label'", Error("--data", "table.csv", "--target", "lable"), StringComparison.Ordinal);
        var test = Error("--data", "table.csv", "--target", "label", "--test", "other.csv");
        Assert.Contains("other.csv", test, StringComparison.Ordinal);
        Assert.Contains("'size'", test, StringComparison.Ordinal);
        Assert.Contains("runs/none", Error("--data", "table.csv", "--model", "runs/none"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "run")));
    }

    [Theory]
    [InlineData("--epoch 3", "--epochs")]
    [InlineData("--learning-rat 1", "--learning-rate")]
    [InlineData("--set training.learning-rat=1", "training.learning-rate")]
    [InlineData("--metric acuracy", "accuracy")]
    [InlineData("--threads many", "a whole number")]
    public void Unknown_words_name_the_nearest(string words, string nearest)
    {
        using var folder = TestFiles.Folder();
        folder.Write("table.csv", SmallTables.Binary(80));
        var result = Tool.Run(folder.Path, ["tune", "--data", "table.csv", "--target", "label", "--out", "run", .. words.Split(' ')]).Expect(2);
        Assert.Contains(nearest, result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "run")));
    }

    [Fact]
    public void Contradictory_options_are_all_listed()
    {
        using var folder = TestFiles.Folder();
        var error = Tool.Run(folder.Path, "tune", "--data", "x.csv", "--target", "y", "--out", "run", "--task", "regression", "--positive", "a", "--exclude", "y",
            "--set", "method.name=head", "--set", "training.momentum=0.9", "--batch-size", "4", "--set", "training.micro-batch-size=8").Expect(2).Error;
        foreach (var path in new[] { "data.positive", "data.exclude", "method.name", "momentum", "training.micro-batch-size" }) Assert.Contains(path, error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_existing_folder_is_kept_unless_forced_and_force_replaces_runs_only()
    {
        using var folder = TestFiles.Folder();
        folder.Write("table.csv", SmallTables.Binary(80));
        Directory.CreateDirectory(Path.Combine(folder.Path, "mine"));
        folder.Write("mine/thesis.txt", "years of work");
        string[] tune = ["tune", "--data", "table.csv", "--target", "label", "--epochs", "1", "--quiet", "--out"];
        Assert.Contains("--force", Tool.Run(folder.Path, [.. tune, "mine"]).Expect(2).Error, StringComparison.Ordinal);
        Assert.Contains("no run folder", Tool.Run(folder.Path, [.. tune, "mine", "--force"]).Expect(2).Error, StringComparison.Ordinal);
        Assert.Equal("years of work", File.ReadAllText(Path.Combine(folder.Path, "mine", "thesis.txt")));
        Tool.Run(folder.Path, [.. tune, "run"]).Expect(0);
        Tool.Run(folder.Path, [.. tune, "run"]).Expect(2);
        Tool.Run(folder.Path, [.. tune, "run", "--force"]).Expect(0);
        Tool.Run(folder.Path, [.. tune, "table.csv", "--force"]).Expect(2);
    }

    [Fact]
    public void Resume_takes_no_other_options()
    {
        using var folder = TestFiles.Folder();
        var error = Tool.Run(folder.Path, "tune", "--resume", "run", "--epochs", "3", "--force", "--set", "training.seed=1").Expect(2).Error;
        foreach (var option in new[] { "--epochs", "--force", "--set" }) Assert.Contains(option, error, StringComparison.Ordinal);
        Assert.Contains("no such run folder", Tool.Run(folder.Path, "tune", "--resume", "run").Expect(2).Error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Full_disk_ends_with_a_message_and_leaves_no_temporary_file()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "uses a size-limited file system");
        using var folder = TestFiles.Folder();
        folder.Write("table.csv", SmallTables.Binary(400));
        var disk = Directory.CreateDirectory(Path.Combine(folder.Path, "disk")).FullName;
        Assert.SkipUnless(Shell("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk) == 0, "needs the right to mount");
        try
        {
            var result = Tool.Run(folder.Path, "tune", "--data", "table.csv", "--target", "label", "--out", "disk/run", "--epochs", "2", "--quiet", "--set", "model.hidden-sizes=256,256");
            result.Expect(1);
            Assert.Contains("Free disk space", result.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("unexpected failure", result.Error, StringComparison.Ordinal);
            Assert.Empty(Directory.EnumerateFiles(disk, "*.tmp", SearchOption.AllDirectories));
            Assert.False(File.Exists(Path.Combine(disk, "run", "model", "model.json")));
            Assert.Equal("running", JsonDocument.Parse(File.ReadAllText(Path.Combine(disk, "run", "run.json"))).RootElement.GetProperty("status").GetString());
        }
        finally
        {
            Shell("umount", disk);
        }
    }

    [Fact]
    public void Ctrl_C_leaves_a_resumable_run_and_130()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends SIGINT");
        using var folder = TestFiles.Folder();
        folder.Write("table.csv", SmallTables.Binary(2000));
        var process = Tool.Start(folder.Path, "tune", "--data", "table.csv", "--target", "label", "--out", "run", "--epochs", "100000", "--set", "training.patience=0");
        var events = Path.Combine(folder.Path, "run", "events.jsonl");
        for (var clock = Stopwatch.StartNew(); !File.Exists(events) && clock.Elapsed.TotalSeconds < 30;) Thread.Sleep(20);
        Thread.Sleep(100);
        Assert.Equal(0, Shell("kill", "-INT", process.Id.ToString(CultureInfo.InvariantCulture)));
        var result = Tool.Finish(process).Expect(130);
        Assert.Contains("tune --resume run", result.Error, StringComparison.Ordinal);
        using var run = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.Path, "run", "run.json")));
        Assert.Equal("interrupted", run.RootElement.GetProperty("status").GetString());
        var state = Attune.Runs.CheckpointFile.Read(Path.Combine(folder.Path, "run", "checkpoints", "last.safetensors"), 1, allowDrift: false);
        Assert.True(state.Step > 0 && !state.Finished);
        Assert.Contains("tune --resume run", Tool.Run(folder.Path, "predict", "--model", "run", "--data", "table.csv", "--out", "p.csv").Expect(2).Error, StringComparison.Ordinal);
        Assert.Contains("--resume", Tool.Run(folder.Path, "report", "run").Expect(2).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Divergence_ends_with_one_and_the_gate_with_three()
    {
        using var folder = TestFiles.Folder();
        folder.Write("table.csv", SmallTables.Prices(200));
        folder.Write("noise.csv", SmallTables.Binary(200, noise: 100));
        var result = Tool.Run(folder.Path, "tune", "--data", "table.csv", "--target", "price", "--out", "run", "--learning-rate", "1e30", "--set", "training.optimizer=sgd", "--set", "training.max-gradient-norm=0");
        result.Expect(1);
        Assert.Contains("learning rate", result.Error, StringComparison.Ordinal);
        Tool.Run(folder.Path, "tune", "--data", "noise.csv", "--target", "label", "--out", "gate", "--epochs", "1", "--require", "better", "--quiet").Expect(3);
    }

    private static int Shell(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }

    private static Dictionary<string, JsonElement> Cases() => JsonDocument.Parse(File.ReadAllText(Path.Combine(Bad, "expected.json"))).RootElement
        .GetProperty("files").EnumerateArray()
        .Where(f => f.GetProperty("kind").GetString() == "csv")
        .ToDictionary(f => f.GetProperty("file").GetString()!);
}
