using System.Text.Json;
using Attune.Tests.Runs;

namespace Attune.Tests.Cli;

/// <summary>Every command of the journey, through the built executable.</summary>
public sealed class JourneyTests(JourneyTests.Journey journey) : IClassFixture<JourneyTests.Journey>
{
    [Fact]
    public void First_run_tells_plan_result_and_places()
    {
        journey.First.Expect(0);
        foreach (var label in new[] { "data ", "task ", "splits ", "model ", "training ", "time ", "self-test " }) Assert.Contains("\n" + label, "\n" + journey.First.Error, StringComparison.Ordinal);
        Assert.Contains("BETTER: ", journey.First.Output, StringComparison.Ordinal);
        Assert.Contains("accuracy", journey.First.Output, StringComparison.Ordinal);
        foreach (var file in new[] { "run.json", "events.jsonl", "split.json", "evaluation.json", "verdict.json", "report.html", "model/model.json", "model/model.safetensors", "model/graph.onnx", "model/encoder.json", "model/README.md", "model/receipt.json" })
            Assert.True(File.Exists(journey.At("runs/first/" + file)), file);
        Assert.Empty(Directory.EnumerateFiles(journey.At("runs"), ".attune-*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Verdict_and_evaluation_have_the_fields_of_the_contract()
    {
        using var verdict = JsonDocument.Parse(File.ReadAllText(journey.At("runs/first/verdict.json")));
        string[] comparison = ["after", "before", "detectableDifference", "difference", "higherIsBetter", "interval", "metric", "pValue", "rows", "test", "verdict"];
        Assert.Equal(comparison.Append("others").Order(), Names(verdict.RootElement));
        foreach (var other in verdict.RootElement.GetProperty("others").EnumerateArray()) Assert.Equal(comparison, Names(other).Where(n => n != "reason"));
        Assert.Equal(["name", "value"], Names(verdict.RootElement.GetProperty("before")));
        var root = verdict.RootElement;
        Assert.Equal(root.GetProperty("after").GetProperty("value").GetDouble() - root.GetProperty("before").GetProperty("value").GetDouble(), root.GetProperty("difference").GetDouble(), 1e-12);
        Assert.Equal(2, root.GetProperty("interval").GetArrayLength());
        Assert.Equal("log_loss", root.GetProperty("metric").GetString());

        using var evaluation = JsonDocument.Parse(File.ReadAllText(journey.At("runs/first/evaluation.json")));
        Assert.Equal(["baselines", "classes", "positiveClass", "splits", "task"], Names(evaluation.RootElement));
        var test = evaluation.RootElement.GetProperty("splits").GetProperty("test");
        Assert.Equal(["accuracy", "balanced_accuracy", "brier", "ece", "f1", "log_loss", "mcc", "pr_auc", "precision", "recall", "roc_auc"], Names(test.GetProperty("metrics")));
        foreach (var metric in test.GetProperty("metrics").EnumerateObject()) Assert.Empty(new[] { "higherIsBetter", "interval", "unit", "value" }.Except(Names(metric.Value)));
        Assert.Equal(root.GetProperty("rows").GetInt32(), test.GetProperty("rows").GetInt32());
        Assert.Equal(root.GetProperty("after").GetProperty("value").GetDouble(), test.GetProperty("metrics").GetProperty("log_loss").GetProperty("value").GetDouble());
    }

    [Fact]
    public void Second_run_fine_tunes_the_first_and_is_compared_with_it()
    {
        journey.Second.Expect(0);
        using var json = JsonDocument.Parse(journey.Second.Output);
        Assert.Equal(["completed", "evaluation", "run", "verdict"], Names(json.RootElement));
        Assert.Equal("runs/first", json.RootElement.GetProperty("verdict").GetProperty("before").GetProperty("name").GetString());
        Assert.Equal("", journey.Second.Error);
    }

    [Fact]
    public void Resume_of_a_complete_run_says_so()
    {
        var result = Tool.Run(journey.Path, "tune", "--resume", "runs/first").Expect(0);
        Assert.Contains("is complete", result.Error, StringComparison.Ordinal);
        Assert.Contains("BETTER", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Predict_writes_kept_columns_prediction_and_probabilities()
    {
        Tool.Run(journey.Path, "predict", "--model", "runs/first", "--data", "more.csv", "--out", "predictions.csv", "--keep", "city,age").Expect(0);
        var lines = File.ReadAllLines(journey.At("predictions.csv"));
        Assert.Equal("city,age,prediction,probability:no,probability:yes", lines[0]);
        Assert.Equal(301, lines.Length);
        var again = Tool.Run(journey.Path, "predict", "--model", "runs/first", "--data", "more.csv", "--out", "predictions.csv").Expect(2);
        Assert.Contains("--force", again.Error, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(Tool.Run(journey.Path, "predict", "--model", "runs/first/model", "--data", "more.csv", "--out", "predictions.csv", "--force", "--json").Expect(0).Output);
        Assert.Equal(300, json.RootElement.GetProperty("rows").GetInt32());
    }

    [Fact]
    public void Evaluate_compares_and_the_gate_has_its_own_exit_code()
    {
        using var alone = JsonDocument.Parse(Tool.Run(journey.Path, "evaluate", "--model", "runs/first", "--data", "fresh.csv", "--json").Expect(0).Output);
        Assert.Equal(JsonValueKind.Null, alone.RootElement.GetProperty("verdict").ValueKind);
        var same = Tool.Run(journey.Path, "evaluate", "--model", "runs/first", "--data", "fresh.csv", "--compare", "runs/first", "--require", "better").Expect(3);
        Assert.Contains("NO EVIDENCE", same.Output, StringComparison.Ordinal);
        Tool.Run(journey.Path, "evaluate", "--model", "runs/first", "--data", "fresh.csv", "--require", "better").Expect(2);
        var seen = Tool.Run(journey.Path, "evaluate", "--model", "runs/first", "--data", "first.csv").Expect(0);
        Assert.Contains("of these rows were used to train or validate", seen.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Export_proves_the_file_with_onnx_runtime()
    {
        using var receipt = JsonDocument.Parse(Tool.Run(journey.Path, "export", "--model", "runs/first", "--format", "onnx", "--out", "model.onnx", "--json").Expect(0).Output);
        Assert.True(receipt.RootElement.GetProperty("largestDifference").GetDouble() <= 1e-4);
        Assert.Equal(receipt.RootElement.GetProperty("rows").GetInt32(), receipt.RootElement.GetProperty("sameLabels").GetInt32());
        Assert.True(File.Exists(journey.At("model.onnx.receipt.json")) && !File.Exists(journey.At("model.onnx.unproven")));
        Tool.Run(journey.Path, "export", "--model", "runs/first", "--out", "bad.onnx", "--opset", "5").Expect(2);
        Assert.False(File.Exists(journey.At("bad.onnx")));
        Assert.Contains("logits", Tool.Run(journey.Path, "inspect", "runs/first/model/graph.onnx").Expect(0).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("report", "runs/first")]
    [InlineData("inspect", "first.csv")]
    [InlineData("inspect", "runs/first")]
    [InlineData("inspect", "runs/first/model/model.safetensors")]
    [InlineData("list", "losses")]
    [InlineData("list", "metrics")]
    [InlineData("list", "models")]
    [InlineData("list", "operators")]
    [InlineData("list", "optimizers")]
    [InlineData("list", "schedules")]
    [InlineData("schema")]
    [InlineData("selftest", "--model", "runs/first", "--data", "first.csv")]
    [InlineData("doctor")]
    public void The_other_commands_end_well_and_speak_json(params string[] arguments)
    {
        Assert.NotEmpty(Tool.Run(journey.Path, arguments).Expect(0).Output.Trim());
        if (arguments[0] is "report") return;
        using var _ = JsonDocument.Parse(Tool.Run(journey.Path, [.. arguments, "--json"]).Expect(0).Output);
    }

    [Fact]
    public void No_command_but_doctor_loads_libtorch()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "LD_DEBUG is the Linux loader's");
        string Loaded(params string[] arguments)
        {
            Tool.Finish(Tool.Start(journey.Path, [("LD_DEBUG", "files"), ("LD_DEBUG_OUTPUT", journey.At("loader"))], arguments)).Expect(0);
            var text = string.Concat(Directory.EnumerateFiles(journey.Path, "loader.*").Select(File.ReadAllText));
            foreach (var file in Directory.EnumerateFiles(journey.Path, "loader.*").ToList()) File.Delete(file);
            Assert.Contains("libcoreclr", text, StringComparison.OrdinalIgnoreCase);
            return text;
        }
        foreach (var arguments in new string[][]
        {
            ["tune", "--data", "first.csv", "--target", "label", "--out", "runs/no-torch", "--epochs", "1"],
            ["predict", "--model", "runs/first", "--data", "more.csv", "--out", "no-torch.csv"],
            ["export", "--model", "runs/first", "--out", "no-torch.onnx"],
            ["selftest", "--model", "runs/first", "--data", "first.csv"],
        })
            Assert.DoesNotContain("torch", Loaded(arguments).Replace("no-torch", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Options_come_from_a_file_too_and_flags_win()
    {
        File.WriteAllText(journey.At("run.yaml"), "out: runs/yaml\ndata: {path: first.csv, target: label}\ntraining: {epochs: 3, seed: 5}\nmodel: {hidden-sizes: [4]}\n");
        Tool.Run(journey.Path, "tune", "run.yaml", "--epochs", "1", "--set", "training.seed=6", "--quiet").Expect(0);
        using var run = JsonDocument.Parse(File.ReadAllText(journey.At("runs/yaml/run.json")));
        var training = run.RootElement.GetProperty("options").GetProperty("training");
        Assert.Equal((1, 6), (training.GetProperty("epochs").GetInt32(), training.GetProperty("seed").GetInt32()));
        Assert.Contains("run.yaml --epochs 1", run.RootElement.GetProperty("command").GetString(), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(p => p.Name).Order();

    public sealed class Journey : IDisposable
    {
        private readonly TemporaryFolder _folder = TestFiles.Folder();

        public Journey()
        {
            _folder.Write("first.csv", SmallTables.Binary(400));
            _folder.Write("more.csv", SmallTables.Binary(300, "more"));
            _folder.Write("fresh.csv", SmallTables.Binary(200, "fresh"));
            // Age and size are cut into halves by an exclusive or: the logistic baseline cannot see it.
            var lines = SmallTables.Binary(900, "xor").Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(l => l.Split(',')).Where(c => c[1].Length > 0)
                .Select(c => $"{c[0]},{c[1]},{c[2]},{(double.Parse(c[0], System.Globalization.CultureInfo.InvariantCulture) > 40 == (c[1][0] != '-') ? "yes" : "no")}");
            _folder.Write("xor.csv", "age,size,city,label\n" + string.Join('\n', lines) + "\n");
            First = Tool.Run(Path, "tune", "--data", "xor.csv", "--target", "label", "--out", "runs/first", "--epochs", "30", "--positive", "yes");
            Second = Tool.Run(Path, "tune", "--data", "more.csv", "--target", "label", "--model", "runs/first", "--out", "runs/second", "--epochs", "3", "--json", "--quiet");
            File.Copy(At("xor.csv"), At("first.csv"), overwrite: true);
        }

        public string Path => _folder.Path;

        internal ToolResult First { get; }

        internal ToolResult Second { get; }

        public string At(string name) => System.IO.Path.Combine(Path, name);

        public void Dispose() => _folder.Dispose();
    }
}
