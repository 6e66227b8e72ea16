using System.Text.Json.Nodes;
using Attune.Encoding;
using Attune.Evaluation;
using Attune.Export;
using Attune.Models.Text;
using Attune.Options;
using Attune.Prediction;
using Attune.Runs;
using Attune.Tasks;
using Attune.Text;

namespace Attune.Tests.Runs;

/// <summary>The whole way of pre-training: a new encoder from texts, one that goes on, and tasks that start from it.</summary>
public sealed class MaskedRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attune-masked-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_new_encoder_learns_texts_and_is_the_start_of_tasks()
    {
        var run = FineTuning.Run(New("mlm", 80) with { Text = new TextOptions { MaskShare = 0.3 } });
        var test = run.Evaluation!.Splits["test"];
        Assert.Equal(MaskedLanguageModel.TaskName, run.Evaluation.Task);
        Assert.Equal(("log_loss", "word-frequency", Verdict.Better), (run.Verdict!.Metric, run.Verdict.Before.Name, run.Verdict.Word));
        Assert.Equal(test.Rows, run.Verdict.Rows);                                        // texts, not words
        Assert.Equal(Math.Exp(test.Metrics["log_loss"].Value!.Value), test.Metrics["perplexity"].Value!.Value, 1e-9);
        Assert.True(test.Metrics["masked_accuracy"].Value > 0.5, $"{test.Metrics["masked_accuracy"].Value}");   // every second word follows from the one before
        Assert.EndsWith("guessed", test.WorstRows![0].Prediction, StringComparison.Ordinal);
        Assert.Contains("perplexity", File.ReadAllText(Path.Combine(run.Path, "report.html")), StringComparison.OrdinalIgnoreCase);
        // The same file judged again has the same masks.
        var again = ModelEvaluation.Of(run.Path, Texts(), null, null, new EvaluationSettings { Resamples = 100 }, []);
        Assert.Equal(ModelEvaluation.Of(run.Path, Texts(), null, null, new EvaluationSettings { Resamples = 100 }, []).Report.ToJson(), again.Report.ToJson());
        Exports(run);
        Tasks(run);
    }

    private void Exports(RunResult run)
    {
        var (hub, model) = (Path.Combine(_folder, "hub"), ModelFolder.Load(run.Path));
        using var rows = HeldOutRows.Of(run.Path, model);
        Assert.True(HuggingFaceExport.Write(model, hub, rows)["largestDifference"]!.GetValue<double>() < 1e-4);
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(hub, "config.json")))!;
        Assert.Equal("BertForMaskedLM", config["architectures"]![0]!.GetValue<string>());
        Assert.Equal(Tokenizer.Load(hub).LargestId + 1, config["vocab_size"]!.GetValue<int>());
        var loaded = TextModel.Load(hub, new TextLoadOptions { Head = TextHead.MaskedLanguageModel });
        Assert.Empty(loaded.Fresh);
        Assert.Empty(loaded.Unexpected);
        Assert.Contains("--format safetensors", Assert.Throws<OptionsException>(() => OnnxExport.Write(model, Path.Combine(_folder, "x.onnx"), rows)).Message, StringComparison.Ordinal);
        Assert.Contains("nothing to predict", Assert.Throws<OptionsException>(() => ModelRows.Read(model, Texts(), labelled: false)).Message, StringComparison.Ordinal);
        // A folder of others goes on, compared with itself.
        var on = FineTuning.Run(New("on", 1) with { Model = new ModelOptions { Path = hub } });
        Assert.Equal("BertForMaskedLM", on.Verdict!.Before.Name == hub ? ModelFolder.Load(on.Path).Upstream!["architectures"]![0]!.GetValue<string>() : on.Verdict.Before.Name);
    }

    private void Tasks(RunResult run)
    {
        // The earlier model goes on where no other task is named; its texts stay where they were, so it is judged on what it does not know.
        var on = FineTuning.Run(New("again", 1) with { Model = new ModelOptions { Path = run.Path }, Data = new DataOptions { Path = Texts() }, Text = new TextOptions { MaskShare = 0.3 } });
        Assert.Equal(run.Verdict!.After.Value!.Value, on.Verdict!.Before.Value!.Value, 1e-6);
        // Another task takes the encoder and leaves the scores of words.
        var classes = FineTuning.Run(New("classes", 3) with { Model = new ModelOptions { Path = run.Path }, Data = new DataOptions { Path = Labelled(), Target = "label" }, Text = new TextOptions { Columns = ["review"] } });
        Assert.Equal("head-only", classes.Verdict!.Before.Name);
        Assert.Equal("BertForSequenceClassification", Exported(classes)["architectures"]![0]!.GetValue<string>());
        SmallTexts.WriteTagged(_folder, 60);
        var tags = FineTuning.Run(New("tags", 1) with { Model = new ModelOptions { Path = run.Path }, Data = new DataOptions { Path = Path.Combine(_folder, "tokens.jsonl"), Task = TokenClassification.TaskName } });
        Assert.Equal("BertForTokenClassification", Exported(tags)["architectures"]![0]!.GetValue<string>());
        // What was pre-trained is what the task started from: its own encoder before the first step.
        var before = ModelFolder.Load(run.Path).Network.Weights["bert.encoder.layer.0.output.dense.weight"].Value.Data.Span<float>().ToArray();
        var frozen = FineTuning.Run(New("frozen", 1) with { Model = new ModelOptions { Path = run.Path }, Data = new DataOptions { Path = Labelled(), Target = "label" }, Text = new TextOptions { Columns = ["review"] }, Method = new MethodOptions { Name = "head" } });
        Assert.Equal(before, ModelFolder.Load(frozen.Path).Network.Weights["bert.encoder.layer.0.output.dense.weight"].Value.Data.Span<float>().ToArray());
    }

    private JsonNode Exported(RunResult run)
    {
        var folder = Path.Combine(_folder, "exported-" + Path.GetFileName(run.Path));
        var model = ModelFolder.Load(run.Path);
        using var rows = HeldOutRows.Of(run.Path, model);
        HuggingFaceExport.Write(model, folder, rows);
        return JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!;
    }

    [Theory]
    [InlineData("full")]
    [InlineData("lora")]
    public void Pre_training_that_was_stopped_goes_on_to_the_same_bits(string method)
    {
        var options = New("whole", 3) with { Training = new TrainingOptions { Epochs = 3, CheckpointSeconds = 0, LearningRate = 1e-3 } };
        if (method == "lora") options = options with { Model = new ModelOptions { Path = SmallTexts.WriteBert(Path.Combine(_folder, "bert")) }, Data = new DataOptions { Path = Labelled(), Task = "mlm" }, Text = new TextOptions { Columns = ["review"] }, Method = new MethodOptions { Name = "lora" } };
        FineTuning.Run(options);
        var run = Path.Combine(_folder, "stopped");
        Assert.False(ResumeTests.Stopped(7, r => FineTuning.Run(options with { Out = run }, r)).Completed);
        Assert.True(FineTuning.Resume(run).Completed);
        Assert.Equal(SmallTables.Results(Path.Combine(_folder, "whole")), SmallTables.Results(run));
    }

    [Fact]
    public void Long_texts_become_pieces_and_no_word_of_them_is_lost()
    {
        SmallTexts.WriteTokenizer(Path.Combine(_folder, "tokenizer.json"));
        var inputs = new TextInputs(Tokenizer.Load(_folder), [new Attune.Data.ColumnSchema("text", Attune.Data.ColumnKind.Text, "")], new TextSettings(6, new TokenPadding(0, 6), FreshBert.Fields));
        var table = new Attune.Data.Table("texts", 3, [Attune.Data.TextColumn.Of("text", ["my dog was very good and my box came today", "? !", "tea"])]);
        var set = MaskedTexts.Encode(inputs, new MaskedLanguageModel("text", 30, 0.15, 1), table, out var counts);
        Assert.Equal((4, 1, 1), (set.Rows, counts.Truncated, counts.Empty));             // 4 + 4 + 2 words, and one
        Assert.Equal([0, 3, 3, 4], set.Targets!.RowStarts!);                             // hidden words of the texts; unknown signs are never hidden
        var source = (MaskedTokens)set.Inputs.OfType<TokenInput>().First().Source;
        Assert.Equal(11, source.CountWords(30).Sum());
        Assert.Equal([6, 6, 4, 3], Enumerable.Range(0, 4).Select(s => source.LengthOf(s, 0)));
        Assert.Throws<DataFormatException>(() => MaskedTexts.Encode(inputs, new MaskedLanguageModel("text", 30, 0.15, 1), table.Select([1]), out _));
    }

    [Fact]
    public void The_vocabulary_is_learned_from_the_training_texts_alone()
    {
        var test = Path.Combine(_folder, "test.txt");
        File.WriteAllLines(test, Enumerable.Repeat("my zebra zebra zebra", 12).Select((line, i) => line + (i % 2 == 0 ? " dog" : " box")));
        var run = FineTuning.Run(New("apart", 1) with { Data = New("apart", 1).Data with { Test = test } });
        Assert.Null(Tokenizer.Load(Path.Combine(run.Path, "model")).TokenToId("zebra"));
    }

    [Theory]
    [InlineData("target", "data.task=mlm")]
    [InlineData("nothing", "model.name=bert")]
    [InlineData("head", "method.name")]
    [InlineData("onnx", "no scores of words")]
    [InlineData("heads", "model.heads")]
    [InlineData("encoding", "no UTF-8")]
    [InlineData("empty", "holds no text")]
    [InlineData("tokenizer", "no mask token")]
    [InlineData("longer", "takes 48 tokens at most")]
    [InlineData("other task", "--task mlm")]
    public void What_contradicts_pre_training_is_refused(string what, string message)
    {
        var options = New("bad", 1);
        var data = options.Data.Path!;
        options = what switch
        {
            "target" => options with { Data = options.Data with { Target = "label" } },
            "nothing" => options with { Model = new ModelOptions() },
            "head" => options with { Method = new MethodOptions { Name = "head" }, Model = new ModelOptions { Path = SmallTexts.WriteBert(Path.Combine(_folder, "bert")) } },
            "onnx" => options with { Model = new ModelOptions { Path = SmallTexts.WriteEncoder(_folder) } },
            "heads" => options with { Model = options.Model with { Heads = 5 } },
            "tokenizer" => options with { Text = new TextOptions { Tokenizer = WithoutMask() } },
            "longer" => options with { Model = new ModelOptions { Path = SmallTexts.WriteBert(Path.Combine(_folder, "bert")) }, Text = new TextOptions { MaxLength = 60 } },
            "other task" => options with { Data = new DataOptions { Path = Labelled(), Target = "label" } },
            _ => options,
        };
        if (what == "encoding") File.WriteAllBytes(data, [0x68, 0xE9, 0x0A]);
        if (what == "empty") File.WriteAllText(data, " \n\n");
        var error = Assert.ThrowsAny<Exception>(() => FineTuning.Run(options));
        Assert.True(error is OptionsException or DataFormatException, error.ToString());
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private string WithoutMask()
    {
        var file = Path.Combine(_folder, "maskless.json");
        SmallTexts.WriteTokenizer(file);
        File.WriteAllText(file, File.ReadAllText(file).Replace("[MASK]", "[HIDE]", StringComparison.Ordinal));
        return file;
    }

    /// <summary>A plain text file in which every second word follows from the one before it.</summary>
    private string Texts()
    {
        var path = Path.Combine(_folder, "texts.txt");
        if (File.Exists(path)) return path;
        (string, string)[] pairs = [("my", "dog"), ("the", "coffee"), ("very", "good"), ("not", "bad"), ("today", "came"), ("with", "bread"), ("was", "stale"), ("and", "tea")];
        var stream = new Attune.Randomness.Philox(5, "lines");
        File.WriteAllLines(path, Enumerable.Range(0, 200).Select(line => string.Join(' ', Enumerable.Range(0, 4 + line % 5).Select(i => pairs[stream.Below((ulong)(20 * line + i), pairs.Length)]).Select(p => $"{p.Item1} {p.Item2}"))));
        return path;
    }

    private string Labelled() => SmallTexts.WriteTable(_folder, 120);

    private RunOptions New(string name, int epochs) => new()
    {
        Out = Path.Combine(_folder, name),
        Data = new DataOptions { Path = Texts(), Task = MaskedLanguageModel.OptionName },
        Model = new ModelOptions { Name = "bert", Layers = 1, Width = 32, Heads = 2, Dropout = 0 },
        Training = new TrainingOptions { Epochs = epochs, LearningRate = 5e-3, BatchSize = 8 },
        Evaluation = new EvaluationOptions { Resamples = 100 },
    };
}
