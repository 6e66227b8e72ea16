using Attune.Data;
using Attune.Engines;
using Attune.Export;
using Attune.Options;
using Attune.Prediction;
using Attune.Runs;

namespace Attune.Tests.Runs;

/// <summary>The whole way of texts with an encoder in ONNX: tune, predict, export, fine-tune the export again.</summary>
public sealed class TextRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attune-texts-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("full", true)]
    [InlineData("head", true)]
    [InlineData("head", false)]
    public void An_encoder_gets_a_head_learns_and_is_compared_with_what_was_there(string method, bool pooled)
    {
        var run = Run(method, pooled);
        Assert.Equal("multiclass-classification", run.Evaluation!.Task);
        Assert.NotNull(run.Verdict);
        if (method == "head") Assert.Equal(["logistic", "majority"], run.Evaluation.Baselines.Keys.Order(StringComparer.Ordinal));
        else Assert.True(run.Evaluation.Splits["test"].Metrics["accuracy"].Value > 0.85, $"{run.Evaluation.Splits["test"].Metrics["accuracy"].Value}");
        Assert.Equal(["review"], run.Evaluation.Splits["test"].WorstRows![0].Values!.Keys);
    }

    [Fact]
    public void Predictions_do_not_depend_on_what_stands_beside_a_text()
    {
        var run = Run("full", true);
        using var predictor = Predictor.Load(run.Path, ModelEngine.CompileAny);
        using var rows = ModelRows.Read(predictor.Model, Path.Combine(_folder, "texts.csv"), labelled: false);
        var all = predictor.Predict(rows.Set);
        for (var row = 0; row < 20; row++)
        {
            var alone = predictor.Predict(rows.Set, [row]);
            for (var k = 0; k < 3; k++) Assert.Equal(alone[k], all[row * 3 + k], 1e-5);
        }
        // The same texts under another name.
        var renamed = Path.Combine(_folder, "renamed.csv");
        File.WriteAllText(renamed, File.ReadAllText(Path.Combine(_folder, "texts.csv")).Replace("id,review,", "id,body,", StringComparison.Ordinal));
        var named = PredictionFile.Write(predictor, renamed, Path.Combine(_folder, "predictions.csv"), [], [], texts: ["body"]);
        Assert.Equal(all, named.Values);
        Assert.Contains("'review'", Assert.Throws<DataFormatException>(() => PredictionFile.Write(predictor, renamed, Path.Combine(_folder, "x.csv"), [], [])).Message, StringComparison.Ordinal);
        var one = predictor.Predict(new Dictionary<string, object?> { ["review"] = rows.Table["review"].Text(4) });
        Assert.Equal(all[12], one.Values[0], 1e-5);
    }

    [Fact]
    public void The_export_is_proven_and_can_be_tuned_again()
    {
        var run = Run("full", true);
        var model = ModelFolder.Load(run.Path);
        using var rows = HeldOutRows.Of(run.Path, model);
        var file = Path.Combine(_folder, "exported", "texts.onnx");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var receipt = OnnxExport.Write(model, file, rows);
        Assert.Equal(rows.Set.Rows, receipt["sameLabels"]!.GetValue<int>());
        Assert.True(receipt["largestDifference"]!.GetValue<double>() < 1e-4);
        Assert.True(File.Exists(Path.Combine(_folder, "exported", "texts.tokenizer.json")));
        var again = FineTuning.Run(Options("full", run.Path, "again") with { Training = new TrainingOptions { Epochs = 1 } });
        Assert.True(again.Completed);
        Assert.Equal(run.Verdict!.After.Value!.Value, again.Verdict!.Before.Value!.Value, 1e-6);     // the same rows stay the test split, and the earlier model is what it is compared with
    }

    [Theory]
    [InlineData("label", "full")]
    [InlineData("label", "lora")]
    [InlineData("glad", "head")]
    [InlineData("score", "full")]
    public void A_Hugging_Face_folder_is_tuned_written_back_and_tuned_again_with_its_own_head(string target, string method)
    {
        var table = SmallTexts.WriteTable(_folder, 150);
        if (target == "glad") File.WriteAllLines(table, [.. File.ReadAllLines(table).Select((l, i) => l + "," + (i == 0 ? "glad" : l.Contains(",glad,", StringComparison.Ordinal) ? "yes" : "no"))]);
        var source = SmallTexts.WriteBert(Path.Combine(_folder, "bert"));
        var options = Options(method, source, "run") with { Text = new TextOptions { Columns = ["review"] } };
        options = options with { Data = options.Data with { Target = target }, Training = new TrainingOptions { Epochs = 2, LearningRate = 3e-3 } };
        var run = FineTuning.Run(options);
        var model = ModelFolder.Load(run.Path);
        Assert.Contains("bert.encoder.layer.1.output.dense.weight", model.Network.Weights.All.Select(w => w.Name));
        using var rows = HeldOutRows.Of(run.Path, model);
        var back = Path.Combine(_folder, "back");
        var receipt = HuggingFaceExport.Write(model, back, rows);
        Assert.True(receipt["largestDifference"]!.GetValue<double>() <= receipt["limit"]!.GetValue<double>());
        Assert.True(File.Exists(Path.Combine(back, "tokenizer.json")) && File.Exists(Path.Combine(back, "model.safetensors")));
        // Read as any other folder of transformers it answers as the run's model does.
        var again = FineTuning.Run(options with { Out = Path.Combine(_folder, "again"), Model = new ModelOptions { Path = back }, Method = new MethodOptions(), Training = new TrainingOptions { Epochs = 1, LearningRate = 1e-6 } });
        Assert.Equal(back, again.Verdict!.Before.Name);
        Assert.Equal(run.Verdict!.After.Value!.Value, again.Verdict.Before.Value!.Value, 1e-4);
    }

    [Fact]
    public void A_folder_without_its_tokenizer_or_with_another_ones_is_refused()
    {
        SmallTexts.WriteTable(_folder);
        var encoder = SmallTexts.WriteEncoder(_folder);
        var beside = Path.Combine(_folder, "encoder.tokenizer.json");
        File.WriteAllText(beside, File.ReadAllText(beside).Replace("\"shop\":28", "\"shop\":2800", StringComparison.Ordinal));
        Assert.Contains("belongs to another model", Assert.Throws<DataFormatException>(() => FineTuning.Run(Options("head", encoder, "c"))).Message, StringComparison.Ordinal);
        var source = SmallTexts.WriteBert(Path.Combine(_folder, "bert"));
        var tokenizer = Path.Combine(source, "tokenizer.json");
        File.WriteAllText(tokenizer, File.ReadAllText(tokenizer).Replace("\"shop\":28", "\"shop\":2800", StringComparison.Ordinal));
        Assert.Contains("belongs to another model", Assert.Throws<DataFormatException>(() => FineTuning.Run(Options("head", source, "a"))).Message, StringComparison.Ordinal);
        File.Delete(tokenizer);
        Assert.Contains("tokenizer.json", Assert.Throws<DataFormatException>(() => FineTuning.Run(Options("head", source, "b"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pairs_and_cut_texts_are_said()
    {
        var options = Options("head", SmallTexts.WriteEncoder(_folder), "pairs");
        SmallTexts.WriteTable(_folder);
        var run = FineTuning.Run(options with { Text = new TextOptions { Columns = ["review", "other"], MaxLength = 12 }, Training = new TrainingOptions { Epochs = 2 } });
        var notes = File.ReadAllText(Path.Combine(run.Path, "run.json"));
        Assert.Matches("of \\d+ training texts are longer than 12 tokens and are cut there", notes);
        Assert.Equal(["review", "other"], ModelFolder.Load(run.Path).Columns.Select(c => c.Name));
    }

    [Fact]
    public void Where_no_tokenizer_stands_beside_the_network_the_error_says_where_it_belongs()
    {
        var model = SmallTexts.WriteEncoder(_folder);
        File.Delete(Path.Combine(_folder, "encoder.tokenizer.json"));
        SmallTexts.WriteTable(_folder);
        var error = Assert.Throws<DataFormatException>(() => FineTuning.Run(Options("head", model, "none")));
        Assert.Contains("encoder.tokenizer.json", error.Message, StringComparison.Ordinal);
    }

    private RunResult Run(string method, bool pooled)
    {
        SmallTexts.WriteTable(_folder);
        return FineTuning.Run(Options(method, SmallTexts.WriteEncoder(_folder, pooled), method + pooled));
    }

    private RunOptions Options(string method, string model, string name) => new()
    {
        Out = Path.Combine(_folder, name),
        Data = new DataOptions { Path = Path.Combine(_folder, "texts.csv"), Target = "label" },
        Text = model.EndsWith(".onnx", StringComparison.Ordinal) ? new TextOptions { Columns = ["review"] } : new TextOptions(),
        Model = new ModelOptions { Path = model },
        Method = new MethodOptions { Name = method },
        Training = new TrainingOptions { Epochs = method == "full" ? 40 : 12, LearningRate = method == "full" ? 3e-3 : null },
        Evaluation = new EvaluationOptions { Resamples = 200 },
    };
}
