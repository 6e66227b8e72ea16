using System.Diagnostics;
using System.Text.Json.Nodes;
using Attune.Export;
using Attune.Options;
using Attune.Prediction;
using Attune.Runs;
using Attune.Weights;

namespace Attune.Tests.Runs;

/// <summary>What a run of texts may start from, what it knows of rows that were seen, and what bad starts and texts get.</summary>
public sealed class TextStartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attune-starts-").FullName;

    public TextStartTests()
    {
        SmallTexts.WriteTable(_folder, 150);
        SmallTexts.WriteBert(At("bert"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Rows_that_an_export_has_seen_are_not_tested_on()
    {
        var run = FineTuning.Run(Options("bert", "run", "training.seed=1"));
        var model = ModelFolder.Load(run.Path);
        using (var rows = HeldOutRows.Of(run.Path, model)) HuggingFaceExport.Write(model, At("hub"), rows);
        var before = ReportOf(run.Path);
        using (var later = RunPreparation.Prepare(Options("hub", "later", "training.seed=2")))
        {
            Assert.NotEqual(before.RowsOf(0), later.Splits.TrainRows);
            Assert.Empty(later.Splits.TestRows.Except(before.RowsOf(2)));
            Assert.Equal(before.Train + before.Validation, later.Splits.Report.KeptOutOfTest);
            Assert.True(later.Seen.Hashes.Count >= before.Train + before.Validation);
        }
        File.WriteAllText(At("renamed.csv"), File.ReadAllText(At("texts.csv")).Replace("id,review,other,label", "id,review,other,mood", StringComparison.Ordinal));
        using (var other = RunPreparation.Prepare(Options("hub", "other", "data.path=" + At("renamed.csv"), "data.target=mood"))) Assert.Contains(other.Notes, n => n.Contains("other columns", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(At("hub"), SeenRows.ExportFile), "{\"seenColumns\":[\"review\"],\"hashes\":\"AAA\"}");
        Assert.Contains(SeenRows.ExportFile, Assert.Throws<DataFormatException>(() => RunPreparation.Prepare(Options("hub", "x"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Adapters_take_the_rows_that_they_have_seen_along()
    {
        var run = FineTuning.Run(Options("bert", "run", "method.name=lora", "method.rank=2"));
        var model = ModelFolder.Load(run.Path);
        using (var rows = HeldOutRows.Of(run.Path, model)) PeftExport.Write(run.Path, model, At("peft"), rows);
        var before = ReportOf(run.Path);
        foreach (var start in new[] { "peft", Path.Combine("run", "model", "adapter") })
        {
            using var later = RunPreparation.Prepare(Options(start, "later", "training.seed=2", "method.name=lora"));
            Assert.Empty(later.Splits.TestRows.Except(before.RowsOf(2)));
        }
    }

    [Fact]
    public void A_tuned_embedding_is_an_encoder_for_classes()
    {
        SmallPairs.Write(_folder);
        var embedding = FineTuning.Run(SmallTables.Quick(Directory.GetFiles(_folder, "pairs*").Single(), "x", At("embedding"), "data.target=null", "data.task=embedding", "model.path=" + At("bert"), "training.epochs=1"));
        var run = FineTuning.Run(Options("embedding", "classes", "training.epochs=2"));
        Assert.Equal("multiclass-classification", run.Evaluation!.Task);
        Assert.Contains("a tuned embedding", File.ReadAllText(Path.Combine(run.Path, "run.json")), StringComparison.Ordinal);
        var model = ModelFolder.Load(run.Path);
        Assert.Equal(["review"], model.Columns.Select(c => c.Name));
        using (var rows = HeldOutRows.Of(run.Path, model)) Assert.Equal(rows.Set.Rows, OnnxExport.Write(model, At("classes.onnx"), rows)["sameLabels"]!.GetValue<int>());
        Assert.True(embedding.Completed);
        // without a task and a target it goes on as an embedding
        Assert.Throws<DataFormatException>(() => RunPreparation.Prepare(SmallTables.Quick(At("texts.csv"), "x", At("y"), "data.target=null", "model.path=" + At("embedding"))));
    }

    [Theory]
    [InlineData("text.tokenizer", "tokenizer.json")]
    [InlineData("augmentation.synonyms", "synonyms.txt")]
    public void A_run_goes_on_only_with_the_same_further_files(string option, string name)
    {
        File.WriteAllText(At("synonyms.txt"), "good, great\n");
        SmallTexts.WriteTokenizer(At("tokenizer.json"));
        var options = option == "text.tokenizer"
            ? SmallTables.Quick(At("texts.csv"), "x", At("run"), SmallTables.DefaultNetwork, "data.target=null", "data.task=mlm", "text.columns=review", "model.name=bert", "model.layers=1", "model.width=8", "text.tokenizer=" + At(name), "training.checkpoint-seconds=0")
            : Options("bert", "run", "augmentation.synonyms=" + At(name), "training.checkpoint-seconds=0");
        Assert.False(ResumeTests.Stopped(2, r => FineTuning.Run(options, r)).Completed);
        var text = File.ReadAllText(At(name));
        File.WriteAllText(At(name), name == "synonyms.txt" ? text + "bad, awful\n" : text.Replace("\"shop\"", "\"shed\"", StringComparison.Ordinal));
        Assert.Contains(option + " changed", Assert.Throws<DataFormatException>(() => FineTuning.Resume(At("run"))).Message, StringComparison.Ordinal);
        File.WriteAllText(At(name), text);
        Assert.True(FineTuning.Resume(At("run")).Completed);
    }

    [Fact]
    public void A_rope_that_is_not_known_and_a_layer_that_is_missing_are_named()
    {
        var config = JsonNode.Parse(File.ReadAllText(TestFiles.At("test", "golden", "models", "llama_seqcls", "config.json")))!.AsObject();
        config["rope_scaling"] = new JsonObject { ["rope_type"] = "spiral", ["factor"] = 2.0 };
        Directory.CreateDirectory(At("llama"));
        File.WriteAllText(Path.Combine(At("llama"), "config.json"), config.ToJsonString());
        File.Copy(TestFiles.At("test", "golden", "models", "llama_seqcls", "model.safetensors"), Path.Combine(At("llama"), "model.safetensors"));
        SmallTexts.WriteTokenizer(Path.Combine(At("llama"), "tokenizer.json"));
        Assert.Contains("spiral", Assert.Throws<DataFormatException>(() => RunPreparation.Prepare(Options("llama", "a"))).Message, StringComparison.Ordinal);

        var weights = Path.Combine(At("bert"), "model.safetensors");
        var kept = new WeightStore(SafetensorsReader.Read(weights).Weights.All.Where(w => !w.Name.Contains("encoder.layer.1.", StringComparison.Ordinal))).DeepCopy();
        SafetensorsWriter.Write(weights, kept);
        var error = Assert.Throws<WeightsException>(() => RunPreparation.Prepare(Options("bert", "b"))).Message;
        Assert.Contains("encoder.layer.1.", error, StringComparison.Ordinal);
        Assert.Contains("16", error, StringComparison.Ordinal);   // how many are missing
    }

    [Fact]
    public void A_line_of_two_megabytes_is_cut_and_said_in_seconds()
    {
        var lines = File.ReadAllLines(At("texts.csv"));
        lines[5] = "4,\"" + string.Concat(Enumerable.Repeat("the coffee was very good and ", 70_000)) + "\",tea good,glad,1";
        lines[9] = "8,\"" + new string('x', 2_000_000) + "\",tea good,sad,0";   // one word without an end
        lines[11] = "10,\"" + string.Concat(Enumerable.Repeat("漢字", 500_000)) + "\",tea good,sad,0";
        File.WriteAllLines(At("texts.csv"), lines);
        var clock = Stopwatch.StartNew();
        using var run = RunPreparation.Prepare(Options("bert", "long", "augmentation.word-deletion=0.1"));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(60));   // 2 s alone; a quadratic step would take hours
        Assert.Contains(run.Notes, n => n.Contains("longer than", StringComparison.Ordinal));
        Assert.True(run.Train.Inputs.OfType<Attune.Encoding.TokenInput>().First().Source.PaddedLength([.. Enumerable.Range(0, run.Train.Rows)], 0) <= 48);
    }


    private static Attune.Splitting.SplitReport ReportOf(string run) => Attune.Splitting.SplitReport.FromJson(File.ReadAllText(RunFolder.Open(run).SplitFile));

    private string At(string name) => Path.Combine(_folder, name);

    private RunOptions Options(string model, string run, params string[] settings)
        => SmallTables.Quick(At("texts.csv"), "label", At(run), ["text.columns=review", "model.path=" + At(model), "training.epochs=2", "training.batch-size=8", "training.learning-rate=0.003", .. settings]);
}
