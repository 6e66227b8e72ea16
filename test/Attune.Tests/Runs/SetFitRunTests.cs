using Attune.Export;
using Attune.Options;
using Attune.Prediction;
using Attune.Runs;
using Attune.Training;

namespace Attune.Tests.Runs;

/// <summary>Few-shot classification: the encoder tuned on pairs, then its head.</summary>
public sealed class SetFitRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attune-setfit-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_encoder_learns_from_pairs_and_is_compared_with_its_head_alone()
    {
        var encoder = SmallTexts.WriteEncoder(_folder);
        var watch = new Watch();
        var run = FineTuning.Run(Options(encoder, "run", pairs: 20), new RunRequest { Callbacks = [watch] });
        Assert.Equal("head-only", run.Verdict!.Before.Name);
        Assert.True(run.Verdict.Word == "better", run.Verdict.Sentence);
        var model = ModelFolder.Load(run.Path);
        var before = StartingModel.Load(new ModelOptions { Path = encoder }, new ImageOptions())!.Network.Weights;
        Assert.All(["attention.dense.weight", "attention.query.weight", "embeddings.weight"], name => Assert.False(before[name].Value.Data.Span<byte>().SequenceEqual(model.Network.Weights[name].Value.Data.Span<byte>()), name));
        // 20 pairs of each kind for each text, 16 a step.
        Assert.Equal((2 * 20 * 102 + 15) / 16, watch.Pairs);
        Assert.Contains("4,080 pairs of the 102 training texts", File.ReadAllText(Path.Combine(run.Path, "run.json")), StringComparison.Ordinal);
        using var rows = HeldOutRows.Of(run.Path, model);
        var receipt = OnnxExport.Write(model, Path.Combine(_folder, "texts.onnx"), rows);
        Assert.Equal(rows.Set.Rows, receipt["sameLabels"]!.GetValue<int>());
    }

    [Fact]
    public void Only_training_texts_make_pairs()
    {
        var encoder = SmallTexts.WriteEncoder(_folder);
        var lines = File.ReadAllLines(SmallTexts.WriteTable(_folder, 120));
        string Part(string name, IEnumerable<string> rows)
        {
            var path = Path.Combine(_folder, name);
            File.WriteAllLines(path, rows.Prepend(lines[0]));
            return path;
        }
        var (train, validation) = (Part("train.csv", lines[1..61]), Part("validation.csv", lines[61..91]));
        var options = Options(encoder, "a") with { Data = new DataOptions { Path = train, Validation = validation, Test = Part("test.csv", lines[91..]), Target = "label" }, Training = new TrainingOptions { Epochs = 2 } };
        var a = FineTuning.Run(options);
        var b = FineTuning.Run(options with { Out = Path.Combine(_folder, "b"), Data = options.Data with { Test = Part("other.csv", lines[91..].Select((l, i) => l.Replace("the", "dog", StringComparison.Ordinal))) } });
        Assert.Equal(ModelFolder.Load(a.Path).WeightsSha256, ModelFolder.Load(b.Path).WeightsSha256);
        // Validation chooses the epoch of the head, and nothing below it.
        var c = FineTuning.Run(options with { Out = Path.Combine(_folder, "c"), Data = options.Data with { Validation = Part("odd.csv", lines[61..91].Select(l => l.Replace("sad", "glad", StringComparison.Ordinal))) } });
        Assert.Equal(Weight(a.Path, "embeddings.weight"), Weight(c.Path, "embeddings.weight"));
        var d = FineTuning.Run(options with { Out = Path.Combine(_folder, "d"), Data = options.Data with { Path = Part("train2.csv", lines[1..61].Select((l, i) => l == lines.First(g => g.Contains(",glad,", StringComparison.Ordinal)) ? l.Replace(",glad,", ",sad,", StringComparison.Ordinal) : l)) } });
        Assert.NotEqual(Weight(a.Path, "embeddings.weight"), Weight(d.Path, "embeddings.weight"));
    }

    [Fact]
    public void A_stopped_run_goes_on_to_the_same_bits_wherever_it_was_stopped()
    {
        var options = Options(SmallTexts.WriteEncoder(_folder), "whole") with { Training = new TrainingOptions { Epochs = 3, CheckpointSeconds = 0 } };
        FineTuning.Run(options);
        var expected = SmallTables.Results(Path.Combine(_folder, "whole"));
        var head = Path.Combine(_folder, "head");
        Assert.False(ResumeTests.Stopped(3, r => FineTuning.Run(options with { Out = head }, r)).Completed);
        Assert.True(FineTuning.Resume(head).Completed);
        Assert.Equal(expected, SmallTables.Results(head));
        using var stop = new CancellationTokenSource();
        var pairs = Path.Combine(_folder, "pairs");
        Assert.False(FineTuning.Run(options with { Out = pairs }, new RunRequest { Callbacks = [new Watch { StopAt = (5, stop) }], Stop = stop.Token }).Completed);
        Assert.True(FineTuning.Resume(pairs).Completed);
        Assert.Equal(expected, SmallTables.Results(pairs));
    }

    [Fact]
    public void A_Hugging_Face_folder_gets_its_head_on_the_pooled_vectors()
    {
        var run = FineTuning.Run(Options(SmallTexts.WriteBert(Path.Combine(_folder, "bert")), "run") with { Training = new TrainingOptions { Epochs = 3 } });
        var model = ModelFolder.Load(run.Path);
        Assert.DoesNotContain("bert.pooler.dense.weight", model.Network.Weights.All.Select(w => w.Name));
        using var rows = HeldOutRows.Of(run.Path, model);
        Assert.Equal(rows.Set.Rows, OnnxExport.Write(model, Path.Combine(_folder, "texts.onnx"), rows)["sameLabels"]!.GetValue<int>());
        Assert.Contains("--format onnx", Assert.Throws<OptionsException>(() => HuggingFaceExport.Write(model, Path.Combine(_folder, "back"), rows)).Message, StringComparison.Ordinal);
        // Another round goes on from the same head.
        var again = FineTuning.Run(Options(run.Path, "again") with { Training = new TrainingOptions { Epochs = 1 } });
        Assert.Equal(run.Path, again.Verdict!.Before.Name);
        Assert.Equal(run.Verdict!.After.Value!.Value, again.Verdict.Before.Value!.Value, 1e-6);
    }

    [Fact]
    public void What_has_no_classes_or_no_texts_is_refused()
    {
        var encoder = SmallTexts.WriteEncoder(_folder);
        var options = Options(encoder, "run");
        var error = Assert.Throws<OptionsException>(() => FineTuning.Run(options with { Data = options.Data with { Target = "score" } }));
        Assert.Contains("pairs of texts of the same class", error.Message, StringComparison.Ordinal);
        var table = Path.Combine(_folder, "table.csv");
        File.WriteAllText(table, SmallTables.Binary(60));
        var first = FineTuning.Run(SmallTables.Quick(table, "label", Path.Combine(_folder, "first")));
        error = Assert.Throws<OptionsException>(() => FineTuning.Run(SmallTables.Quick(table, "label", Path.Combine(_folder, "second"), "model.path=" + first.Path, "method.name=setfit")));
        Assert.Contains("tunes an encoder of texts", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<OptionsException>(() => FineTuning.Run(options with { Method = new MethodOptions { Name = "setfit", Train = ["*.bias"], HeadFirst = true, UnfreezeEvery = 1 } }));
        Assert.All(["method.train", "method.head-first", "method.unfreeze-every"], option => Assert.Contains(option, error.Message, StringComparison.Ordinal));
    }

    private static byte[] Weight(string run, string name) => ModelFolder.Load(run).Network.Weights[name].Value.Data.Span<byte>().ToArray();

    private RunOptions Options(string model, string name, int pairs = 2)
    {
        var table = Path.Combine(_folder, "texts.csv");
        if (!File.Exists(table)) SmallTexts.WriteTable(_folder, 160);
        return new RunOptions
        {
            Out = Path.Combine(_folder, name),
            Data = new DataOptions { Path = table, Target = "label" },
            Text = new TextOptions { Columns = ["review"] },
            Model = new ModelOptions { Path = model },
            Method = new MethodOptions { Name = "setfit", Pairs = pairs, PairLearningRate = 3e-3 },   // its weights are random; a trained encoder needs far less
            Evaluation = new EvaluationOptions { Resamples = 200 },
        };
    }

    private sealed class Watch : Callback
    {
        public int Pairs { get; private set; }

        public (int Step, CancellationTokenSource Stop)? StopAt { get; init; }

        public override void Progress(string what, int done, int all)
        {
            if (!what.Contains("pairs", StringComparison.Ordinal)) return;
            Pairs = done;
            if (StopAt is { } at && done == at.Step) at.Stop.Cancel();
        }
    }
}
