using System.Globalization;
using Attune.Runs;
using Attune.Tests.Runs;

namespace Attune.Tests.Evaluation;

/// <summary>The verdict where users meet it: at the end of a run.</summary>
public sealed class JourneyVerdictTests
{
    [Fact]
    public void Trap_44_a_fine_tune_that_changes_nothing_is_no_evidence()
    {
        using var folder = TestFiles.Folder();
        var first = First(folder, SmallTables.Binary(600));
        var run = SmallTables.Quick(folder.Write("more.csv", SmallTables.Binary(600, "more")), "label", At(folder, "second"), "model.path=" + first, "training.learning-rate=1e-6");
        var result = FineTuning.Run(run);
        Assert.Equal(Attune.Evaluation.Verdict.NoEvidence, result.Verdict!.Word);
        Assert.Equal(first, result.Verdict.Before.Name);
        Assert.True(result.Verdict.DetectableDifference > Math.Abs(result.Verdict.Difference!.Value));
    }

    [Fact]
    public void A_planted_improvement_is_better()
    {
        using var folder = TestFiles.Folder();
        var first = First(folder, SmallTables.Binary(400));
        var result = FineTuning.Run(SmallTables.Quick(folder.Write("moved.csv", SmallTables.Binary(800, "moved", shift: 2.5, noise: 0.3)), "label", At(folder, "second"), "model.path=" + first, "training.epochs=15"));
        Assert.Equal("better", result.Verdict!.Word);
        Assert.True(result.Verdict.Interval!.Value.High < 0 && result.Verdict.PValue < 0.05);
    }

    [Fact]
    public void Training_on_shuffled_labels_makes_it_worse()
    {
        using var folder = TestFiles.Folder();
        var first = First(folder, SmallTables.Binary(800, noise: 0.3));
        var lines = SmallTables.Binary(600, "shuffled", noise: 0.3).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var wrong = lines.Skip(1).Select((l, i) => l[..(l.LastIndexOf(',') + 1)] + (i * 7919 % 13 < 6 ? "yes" : "no"));
        var data = folder.Write("wrong.csv", lines[0] + "\n" + string.Join('\n', wrong) + "\n");
        var test = folder.Write("test.csv", SmallTables.Binary(500, "test", noise: 0.3));
        var result = FineTuning.Run(SmallTables.Quick(data, "label", At(folder, "second"), "model.path=" + first, "data.test=" + test, "training.epochs=15"));
        Assert.Equal("worse", result.Verdict!.Word);
        Assert.True(result.Verdict.Interval!.Value.Low > 0);   // log loss rose
    }

    [Fact]
    public void With_other_classes_before_is_what_a_head_only_run_reaches()
    {
        using var folder = TestFiles.Folder();
        var first = First(folder, SmallTables.Binary(400));
        var data = folder.Write("others.csv", SmallTables.Binary(500, "others", yes: "up", no: "down"));
        var full = FineTuning.Run(SmallTables.Quick(data, "label", At(folder, "full"), "model.path=" + first, "training.learning-rate=null"));
        var head = FineTuning.Run(SmallTables.Quick(data, "label", At(folder, "head"), "model.path=" + first, "method.name=head", "training.learning-rate=null"));
        Assert.Equal("head-only", full.Verdict!.Before.Name);
        Assert.Equal(["majority", "logistic"], full.Verdict.Simple!.Select(s => s.Before.Name));
        Assert.All(full.Verdict.Simple!, s => Assert.True(s is { After.Name: "tuned", Interval: not null, Others.Count: > 0 }));
        Assert.DoesNotContain(full.Evaluation!.Baselines.Values, b => b.Chosen);
        Assert.Equal(full.Evaluation.Baselines["logistic"].Splits["test"].Metrics[full.Verdict.Metric].Value, full.Verdict.Simple![1].Before.Value);
        foreach (var sentence in full.Verdict.SimpleSentences) Assert.Contains(sentence, File.ReadAllText(Path.Combine(full.Path, "model", "README.md")), StringComparison.Ordinal);
        foreach (var sentence in full.Verdict.SimpleSentences) Assert.Contains($"<p>{System.Net.WebUtility.HtmlEncode(sentence)}</p>", File.ReadAllText(Path.Combine(full.Path, "report.html")), StringComparison.Ordinal);
        Assert.Equal(head.Verdict!.After.Value, full.Verdict.Before.Value);   // trained as a user would train a head, not more gently
        Assert.NotEqual(full.Verdict.After.Value, full.Verdict.Before.Value);
    }

    [Fact]
    public void Promise_1_rows_of_an_earlier_run_never_enter_the_later_test_split_and_the_number_is_told()
    {
        using var folder = TestFiles.Folder();
        var old = SmallTables.Binary(400);
        var first = First(folder, old);
        var seen = Attune.Data.RowHashes.Load(Path.Combine(first, "model", "seen-rows.bin")).Count;
        var data = folder.Write("both.csv", old + string.Concat(SmallTables.Binary(300, "new").Split('\n').Skip(1).Select(l => l.Length > 0 ? l + "\n" : "")));
        var second = At(folder, "second");
        FineTuning.Run(SmallTables.Quick(data, "label", second, "model.path=" + first));
        var run = RunFolder.Open(second);
        var split = Attune.Splitting.SplitReport.FromJson(File.ReadAllText(run.SplitFile));
        var firstSplit = Attune.Splitting.SplitReport.FromJson(File.ReadAllText(RunFolder.Open(first).SplitFile));
        var usedRows = firstSplit.RowsOf(0).Concat(firstSplit.RowsOf(1)).ToHashSet();   // rows of the table that come first in both files
        Assert.DoesNotContain(split.RowsOf(2), usedRows.Contains);
        Assert.True(split.RowsOf(2).Length > 50);
        Assert.InRange(usedRows.Count - seen, 0, 5);   // equal rows share a hash
        var notes = string.Join('\n', run.ReadRun()["notes"]!.AsArray().Select(n => n!.GetValue<string>()));
        Assert.Contains(usedRows.Count.ToString(CultureInfo.InvariantCulture), notes, StringComparison.Ordinal);
        // Without the list nothing could be kept out: refused, not ignored.
        var copy = At(folder, "copy");
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(first, "model")).Where(f => !f.EndsWith(".bin", StringComparison.Ordinal))) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        Assert.Contains("seen-rows.bin", Assert.Throws<DataFormatException>(() => FineTuning.Run(SmallTables.Quick(data, "label", At(folder, "none"), "model.path=" + copy))).Message, StringComparison.Ordinal);
        // A third run inherits what the first and the second have seen.
        var third = At(folder, "third");
        FineTuning.Run(SmallTables.Quick(data, "label", third, "model.path=" + second));
        var secondUsed = split.RowsOf(0).Concat(split.RowsOf(1)).Concat(usedRows).ToHashSet();
        Assert.DoesNotContain(Attune.Splitting.SplitReport.FromJson(File.ReadAllText(RunFolder.Open(third).SplitFile)).RowsOf(2), secondUsed.Contains);
    }

    [Fact]
    public void Trap_25_editing_test_rows_leaves_everything_fitted_byte_for_byte()
    {
        using var folder = TestFiles.Folder();
        var data = folder.Write("table.csv", SmallTables.Binary(300));
        var test = folder.Write("test.csv", SmallTables.Binary(100, "test"));
        var a = At(folder, "a");
        FineTuning.Run(SmallTables.Quick(data, "label", a, "data.test=" + test));
        File.WriteAllText(test, SmallTables.Binary(120, "entirely different", shift: 5).Replace("Oslo", "Paris", StringComparison.Ordinal));
        var b = At(folder, "b");
        FineTuning.Run(SmallTables.Quick(data, "label", b, "data.test=" + test));
        foreach (var file in new[] { "model/encoder.json", "model/model.safetensors", "events.jsonl" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(a, file)), File.ReadAllBytes(Path.Combine(b, file)));
        Assert.NotEqual(File.ReadAllText(Path.Combine(a, "evaluation.json")), File.ReadAllText(Path.Combine(b, "evaluation.json")));
    }

    [Fact]
    public void Trap_27_the_splits_share_no_row()
    {
        using var folder = TestFiles.Folder();
        var run = First(folder, SmallTables.Binary(400));
        var split = Attune.Splitting.SplitReport.FromJson(File.ReadAllText(RunFolder.Open(run).SplitFile));
        int[] all = [.. split.RowsOf(0), .. split.RowsOf(1), .. split.RowsOf(2)];
        Assert.Equal(Enumerable.Range(0, 400), all.Order());
        Assert.Equal((256, 64, 80), (split.RowsOf(0).Length, split.RowsOf(1).Length, split.RowsOf(2).Length));
    }

    private static string First(TemporaryFolder folder, string table)
    {
        var first = At(folder, "first");
        FineTuning.Run(SmallTables.Quick(folder.Write("first.csv", table), "label", first, "training.epochs=12"));
        return first;
    }

    private static string At(TemporaryFolder folder, string name) => Path.Combine(folder.Path, name);
}
