using System.Text.Json.Nodes;
using Attune.Engines;
using Attune.Export;
using Attune.Models.Text;
using Attune.Options;
using Attune.Prediction;
using Attune.Runs;
using Attune.Weights;

namespace Attune.Tests.Runs;

/// <summary>Runs of methods whose weights stay in the network: bottlenecks, learned tokens, learned keys and values.</summary>
public sealed class StayingAdapterRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attune-staying-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("bottleneck")]
    [InlineData("prompt-tuning")]
    [InlineData("prefix-tuning")]
    public void A_run_keeps_its_base_exports_and_goes_on(string method)
    {
        var result = FineTuning.Run(Options(method, "run"));
        var model = ModelFolder.Load(result.Path);
        var added = model.Network.Weights.All.Where(w => w.Name == "prompt_embeddings" || w.Name.Contains(".adapter.", StringComparison.Ordinal) && w.Role == WeightRole.Parameter).ToList();
        Assert.Equal(method == "bottleneck" ? 16 : 1, added.Count);
        Assert.Equal(method == "bottleneck" ? 48 : 48 - 4, ((TextInputs)model.Inputs).Settings.Padding.Most);   // learned tokens take places of the text's
        // everything but the added weights and the head has the base's bytes
        var start = TextModel.Load(Path.Combine(_folder, "bert"), new TextLoadOptions { Head = TextHead.SequenceClassification, Outputs = 3 }).Graph.Weights;
        foreach (var weight in start.All.Where(w => w.Role == WeightRole.Parameter && w.Name.StartsWith("bert.encoder", StringComparison.Ordinal)))
            Assert.True(weight.Value.Data.Span<byte>().SequenceEqual(model.Network.Weights[weight.Name].Value.Data.Span<byte>()), weight.Name);
        using (var rows = HeldOutRows.Of(result.Path, model))
        {
            OnnxExport.Write(model, Path.Combine(_folder, "model.onnx"), rows);   // ONNX Runtime agrees, or it throws
            Assert.Contains("--format onnx", Assert.Throws<OptionsException>(() => HuggingFaceExport.Write(model, Path.Combine(_folder, "hub"), rows)).Message, StringComparison.Ordinal);
            if (method == "bottleneck") Assert.Contains("no form for bottleneck", Assert.Throws<OptionsException>(() => PeftExport.Write(result.Path, model, Path.Combine(_folder, "peft"), rows)).Message, StringComparison.Ordinal);
        }
        var before = added.ToDictionary(w => w.Name, w => w.Value.Data.Span<float>().ToArray());
        var again = FineTuning.Run(Options(method, "again", o => o with { Model = new ModelOptions { Path = result.Path }, Method = new MethodOptions { Name = method }, Training = o.Training with { Epochs = 1 } }));
        Assert.Equal(result.Verdict!.After.Value!.Value, again.Verdict!.Before.Value!.Value, 1e-6);
        var next = ModelFolder.Load(again.Path).Network;
        Assert.Equal(model.Network.Nodes.Count, next.Nodes.Count);
        Assert.All(before, b => Assert.NotEqual(b.Value, next.Weights[b.Key].Value.Data.Span<float>().ToArray()));
        // a method of another kind starts from the network as it is, and new classes get a new head on it
        var head = FineTuning.Run(Options("head", "head", o => o with { Data = o.Data with { Target = "glad" }, Model = new ModelOptions { Path = result.Path }, Training = o.Training with { Epochs = 1 } }));
        Assert.All(before, b => Assert.Equal(b.Value, ModelFolder.Load(head.Path).Network.Weights[b.Key].Value.Data.Span<float>().ToArray()));
    }

    [Theory]
    [InlineData("bottleneck")]
    [InlineData("prompt-tuning")]
    [InlineData("prefix-tuning")]
    public void Trap_33_a_stopped_run_goes_on_to_the_same_bits(string method)
    {
        var options = Options(method, "whole", o => o with { Training = new TrainingOptions { Epochs = 2, CheckpointSeconds = 0 } });
        FineTuning.Run(options);
        var run = Path.Combine(_folder, "stopped");
        Assert.False(ResumeTests.Stopped(5, r => FineTuning.Run(options with { Out = run }, r)).Completed);
        Assert.True(FineTuning.Resume(run).Completed);
        Assert.Equal(SmallTables.Results(options.Out!), SmallTables.Results(run));
    }

    [Theory]
    [InlineData("bottleneck", "token-classification")]
    [InlineData("prompt-tuning", "token-classification")]
    [InlineData("prefix-tuning", "token-classification")]
    [InlineData("prompt-tuning", "embedding")]
    [InlineData("prefix-tuning", "mlm")]
    [InlineData("prompt-tuning", "mlm")]
    public void Other_tasks_take_them_too(string method, string task)
    {
        var options = Options(method, "run", o => o with { Training = new TrainingOptions { Epochs = 1 } });
        options = task switch
        {
            "embedding" => options with { Data = new DataOptions { Path = SmallPairs.Write(_folder), Task = task }, Text = new TextOptions() },
            "mlm" => options with { Data = new DataOptions { Path = options.Data.Path, Task = task } },
            _ => options with { Data = new DataOptions { Path = SmallTexts.WriteTagged(_folder, 80), Task = task }, Text = new TextOptions() },
        };
        var run = FineTuning.Run(options).Path;
        using var predictor = Predictor.Load(run, ModelEngine.CompileAny);
        Assert.NotNull(predictor.Model);
        if (task != "mlm") return;
        Assert.Contains("stay in the network", Assert.Throws<OptionsException>(() => FineTuning.Run(Options("full", "next", o => o with { Model = new ModelOptions { Path = run } }))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tokens_that_leave_no_room_and_adapters_of_another_method_are_refused()
    {
        Assert.Contains("leave 3 of the 48", Assert.Throws<OptionsException>(() => FineTuning.Run(Options("prompt-tuning", "x", o => o with { Method = new MethodOptions { Name = "prompt-tuning", VirtualTokens = 45 } }))).Message, StringComparison.Ordinal);
        var run = FineTuning.Run(Options("prompt-tuning", "run", o => o with { Training = new TrainingOptions { Epochs = 1 } })).Path;
        var model = ModelFolder.Load(run);
        using (var rows = HeldOutRows.Of(run, model)) PeftExport.Write(run, model, Path.Combine(_folder, "peft"), rows);
        Assert.Contains("cannot be merged", Assert.Throws<OptionsException>(() => FineTuning.Run(Options("full", "y", o => o with { Model = new ModelOptions { Path = Path.Combine(_folder, "peft") } }))).Message, StringComparison.Ordinal);
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "peft", "adapter_config.json")))!;
        Assert.Equal(4, json["num_virtual_tokens"]!.GetValue<int>());
    }

    private RunOptions Options(string method, string name, Func<RunOptions, RunOptions>? change = null)
    {
        var bert = Path.Combine(_folder, "bert");
        if (!Directory.Exists(bert)) SmallTexts.WriteBert(bert);
        var table = SmallTexts.WriteTable(_folder, 120);
        File.WriteAllLines(table, [.. File.ReadAllLines(table).Select((l, i) => l + "," + (i == 0 ? "glad" : l.Contains(",glad,", StringComparison.Ordinal) ? "yes" : "no"))]);
        var options = new RunOptions
        {
            Out = Path.Combine(_folder, name),
            Data = new DataOptions { Path = table, Target = "label" },
            Text = new TextOptions { Columns = ["review"] },
            Model = new ModelOptions { Path = bert },
            Method = method is "prompt-tuning" or "prefix-tuning" ? new MethodOptions { Name = method, VirtualTokens = 4 } : new MethodOptions { Name = method },
            Training = new TrainingOptions { Epochs = 2, LearningRate = 3e-3 },
        };
        return change is null ? options : change(options);
    }
}
