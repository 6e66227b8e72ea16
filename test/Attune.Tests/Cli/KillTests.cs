using System.Diagnostics;
using Attune.Randomness;
using Attune.Tests.Runs;

namespace Attune.Tests.Cli;

/// <summary>Promise 3 against real kills; bench/kills.sh does the same two hundred times.</summary>
public sealed class KillTests
{
    [Fact]
    public void Trap_33_killed_at_random_moments_the_run_ends_with_the_same_bits()
    {
        using var folder = TestFiles.Folder();
        folder.Write("table.csv", SmallTables.Binary(6000));
        Survives(folder, ["tune", "--data", "table.csv", "--target", "label", "--epochs", "12", "--batch-size", "16", "--quiet", "--set", "training.checkpoint-seconds=0.05", "--set", "model.hidden-sizes=64,64", "--set", "evaluation.resamples=100"]);
    }

    [Theory]
    [InlineData("full", "training.ema-decay=0.9")]
    [InlineData("head", "training.prefix-views=2")]
    public void Trap_33_a_killed_picture_run_ends_with_the_same_bits(string method, string setting)
    {
        using var folder = TestFiles.Folder();
        TinyPictures.Write(folder);
        Survives(folder, ["tune", "--data", "photos", "--model", "net.onnx", "--quiet", .. TinyPictures.Settings.Append("method.name=" + method).Append(setting).Append("training.epochs=40").Append("augmentation.horizontal-flip=0.5").Append("training.patience=0").Append("training.checkpoint-seconds=0.05").SelectMany(s => new[] { "--set", s })]);
    }

    private static void Survives(TemporaryFolder folder, string[] command)
    {
        string[] tune = [.. command, "--out"];
        var clock = Stopwatch.StartNew();
        Tool.Run(folder.Path, [.. tune, "whole"]).Expect(0);
        var length = clock.Elapsed;
        var expected = SmallTables.Results(Path.Combine(folder.Path, "whole"));

        var run = Path.Combine(folder.Path, "run");
        var random = new Philox((ulong)Environment.ProcessId, "kills");   // other moments each time
        var kills = 0;
        for (var attempt = 0; attempt < 60 && (kills < 3 || !Complete(run)); attempt++)
        {
            if (Complete(run)) Directory.Delete(run, recursive: true);   // ended before enough kills struck: once more
            var process = File.Exists(Path.Combine(run, "run.json")) ? Tool.Start(folder.Path, "tune", "--resume", "run", "--quiet") : Tool.Start(folder.Path, [.. tune, "run", "--force"]);
            var wait = kills < 8 ? length * (0.2 + 0.6 * random.Uniform((ulong)attempt)) : TimeSpan.FromSeconds(60);
            if (process.WaitForExit(wait))
            {
                Tool.Finish(process).Expect(0);
                continue;
            }
            process.Kill();
            process.WaitForExit();
            process.Dispose();
            kills++;
            // A kill before run.json leaves a folder that --force takes for a stranger's: nothing of value is in it.
            if (Directory.Exists(run) && !File.Exists(Path.Combine(run, "run.json"))) Directory.Delete(run, recursive: true);
        }
        Assert.True(kills >= 3 && Complete(run), $"{kills} kills");
        Assert.Equal(expected, SmallTables.Results(run));
    }

    private static bool Complete(string run) => File.Exists(Path.Combine(run, "run.json")) && Attune.Runs.RunFolder.Open(run).IsComplete;
}
