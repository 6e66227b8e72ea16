using System.Text.Json.Nodes;
using Attune.Engines;
using Attune.Export;
using Attune.Methods;
using Attune.Options;
using Attune.Prediction;
using Attune.Runs;

namespace Attune.Tests.Runs;

/// <summary>Adapters of pictures, of answers to questions and of hidden words: kept beside the merged model, exported for PEFT, attached again.</summary>
public sealed class OtherAdapterRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = TestFiles.Folder();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("lora", 3)]
    [InlineData("dora", 2)]
    [InlineData("ia3", 3)]
    public void A_vision_transformers_adapter_answers_beside_its_checkpoint_as_the_merged_model_does(string method, int classes)
    {
        var run = TunePictures(method, "run", classes);
        var model = ModelFolder.Load(run);
        var output = Path.Combine(_folder.Path, "out");
        using (var rows = HeldOutRows.Of(run, model)) Assert.True(PeftExport.Write(run, model, output, rows)["changeFromBase"]!.GetValue<double>() > 0);
        var adapter = PeftAdapter.Read(output);
        Assert.Equal(["classifier"], adapter.Config.ModulesToSave);
        Assert.Null(adapter.Config.TaskType);
        Assert.Equal(classes, adapter.Weights["classifier.weight"].Value.Sizes[0]);
        Assert.Contains(adapter.Weights.All, w => w.Name.StartsWith("vit.encoder.layer.0.attention.attention.", StringComparison.Ordinal));
        Assert.Contains("AutoModelForImageClassification", File.ReadAllText(Path.Combine(output, "README.md")), StringComparison.Ordinal);
        // switched over its base at prediction time
        using var set = AdapterSet.Load(Checkpoint, new Dictionary<string, string> { ["one"] = output });
        using var merged = Predictor.Load(run, ModelEngine.CompileAny);
        using var pictures = ModelRows.Read(set["one"].Model, Path.Combine(_folder.Path, "photos"), labelled: false);
        float[] expected = merged.Predict(pictures.Set), given = set["one"].Predict(pictures.Set);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], given[i], 1e-4);
        // a run that starts from it starts from it merged
        var again = TunePictures("head", "again", classes, output);
        var (before, after) = (JsonNode.Parse(File.ReadAllText(Path.Combine(again, "verdict.json")))!["before"]!, JsonNode.Parse(File.ReadAllText(Path.Combine(run, "verdict.json")))!["after"]!);
        Assert.Equal(after["value"]!.GetValue<double>(), before["value"]!.GetValue<double>(), 1e-4);
        // another checkpoint is refused
        var other = Path.Combine(_folder.Path, "other");
        Directory.CreateDirectory(other);
        foreach (var file in Directory.GetFiles(Checkpoint)) File.Copy(file, Path.Combine(other, Path.GetFileName(file)));
        var bytes = File.ReadAllBytes(Path.Combine(other, "model.safetensors"));
        bytes[^40] ^= 1;
        File.WriteAllBytes(Path.Combine(other, "model.safetensors"), bytes);
        Assert.Contains("another base", Assert.Throws<WeightsException>(() => AdapterFolder.Read(output, other).Load()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_readers_adapter_is_exported_and_goes_on()
    {
        SmallQuestions.Write(_folder.Path, 60);
        var options = new RunOptions
        {
            Out = Path.Combine(_folder.Path, "run"),
            Data = new DataOptions { Path = Path.Combine(_folder.Path, "questions.json"), Task = "question-answering" },
            Model = new ModelOptions { Path = SmallTexts.WriteBert(Path.Combine(_folder.Path, "bert")) },
            Method = new MethodOptions { Name = "lora" },
            Text = new TextOptions { MaxLength = 30, DocStride = 8 },
            Training = new TrainingOptions { Epochs = 2, LearningRate = 3e-3 },
            Evaluation = new EvaluationOptions { Resamples = 100 },
        };
        var run = FineTuning.Run(options);
        var output = Export(run.Path);
        var adapter = PeftAdapter.Read(output);
        Assert.Equal("QUESTION_ANS", adapter.Config.TaskType);
        Assert.Contains("qa_outputs.weight", adapter.Weights.All.Select(w => w.Name));
        var again = FineTuning.Run(options with { Out = Path.Combine(_folder.Path, "again"), Model = new ModelOptions { Path = output }, Training = options.Training with { Epochs = 1 } });
        Assert.Equal(run.Verdict!.After.Value!.Value, again.Verdict!.Before.Value!.Value, 1e-4);
        Assert.Contains("trained on from its own weights", File.ReadAllText(Path.Combine(again.Path, "run.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void Hidden_words_give_an_adapter_where_the_shared_table_is_frozen()
    {
        var table = SmallTexts.WriteTable(_folder.Path, 120);
        RunOptions With(string name, params string[] freeze) => new()
        {
            Out = Path.Combine(_folder.Path, name),
            Data = new DataOptions { Path = table, Task = "mlm" },
            Text = new TextOptions { Columns = ["review"] },
            Model = new ModelOptions { Path = SmallTexts.WriteBert(Path.Combine(_folder.Path, "bert")) },
            Method = new MethodOptions { Name = "lora", Freeze = freeze },
            Training = new TrainingOptions { Epochs = 1, LearningRate = 3e-3 },
        };
        var whole = FineTuning.Run(With("whole"));
        Assert.Contains("two modules share", JsonNode.Parse(File.ReadAllText(Path.Combine(whole.Path, "run.json")))!["adapter"]!["reason"]!.GetValue<string>(), StringComparison.Ordinal);
        var run = FineTuning.Run(With("run", "*word_embeddings.weight", "cls.*"));
        var adapter = PeftAdapter.Read(Export(run.Path));
        Assert.All(adapter.Weights.All, w => Assert.Contains(".lora_", w.Name, StringComparison.Ordinal));
        Assert.Null(adapter.Config.TaskType);
    }

    private static string Checkpoint => Path.Combine(TestFiles.Root, "test", "golden", "models", "vit_imgcls");

    private string TunePictures(string method, string name, int classes, string? model = null)
    {
        var photos = Path.Combine(_folder.Path, "photos");
        if (!Directory.Exists(photos)) TinyPictures.Write(_folder, perClass: 12);
        if (classes == 2 && Directory.Exists(Path.Combine(photos, "red"))) Directory.Delete(Path.Combine(photos, "red"), recursive: true);
        return FineTuning.Run(new RunOptions
        {
            Out = Path.Combine(_folder.Path, name),
            Data = new DataOptions { Path = photos },
            Model = new ModelOptions { Path = model ?? Checkpoint },
            Method = new MethodOptions { Name = method },
            Training = new TrainingOptions { Epochs = 1, LearningRate = 3e-3 },
            Evaluation = new EvaluationOptions { Resamples = 100 },
        }).Path;
    }

    private string Export(string run)
    {
        var (model, output) = (ModelFolder.Load(run), Path.Combine(_folder.Path, Path.GetFileName(run) + "-peft"));
        using var rows = HeldOutRows.Of(run, model);
        PeftExport.Write(run, model, output, rows);
        return output;
    }
}
