using System.Text.Json.Nodes;
using Attune.Engines;
using Attune.Export;
using Attune.Methods;
using Attune.Models.Text;
using Attune.Options;
using Attune.Prediction;
using Attune.Runs;
using Attune.Weights;

namespace Attune.Tests.Runs;

/// <summary>The way of an adapter: tuned in a run, kept beside the merged model, exported for PEFT, attached to its base again.</summary>
public sealed class AdapterRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attune-adapters-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("lora", "label")]
    [InlineData("rslora", "glad")]
    [InlineData("dora", "score")]
    [InlineData("ia3", "label")]
    [InlineData("pissa", "glad")]
    [InlineData("prompt-tuning", "label")]
    [InlineData("prompt-tuning", "score")]
    [InlineData("prefix-tuning", "glad")]
    public void An_adapter_is_exported_and_answers_beside_its_base_as_the_merged_model_does(string method, string target)
    {
        var run = Tune(method, target, "run");
        var model = ModelFolder.Load(run);
        var output = Path.Combine(_folder, "out");
        using var rows = HeldOutRows.Of(run, model);
        var receipt = PeftExport.Write(run, model, output, rows);
        Assert.True(receipt["largestDifference"]!.GetValue<double>() <= receipt["limit"]!.GetValue<double>());
        Assert.True(receipt["changeFromBase"]!.GetValue<double>() > 0);
        Assert.Contains("library_name: peft", File.ReadAllText(Path.Combine(output, "README.md")), StringComparison.Ordinal);
        var adapter = PeftAdapter.Read(output);
        Assert.Equal(method switch { "ia3" => "IA3", "prefix-tuning" => "PREFIX_TUNING", "prompt-tuning" => "PROMPT_TUNING", _ => "LORA" }, adapter.Config.Json["peft_type"]!.GetValue<string>());
        Assert.Equal((method == "rslora", method == "dora", "SEQ_CLS"), (adapter.Config.RankStabilized, adapter.Config.Decomposes, adapter.Config.TaskType));
        Assert.Equal(target == "label" ? 3 : target == "glad" ? 2 : 1, adapter.Weights["classifier.weight"].Value.Sizes[0]);
        // Another reader's way: the base, the adapter beside it, logits; no file of ours but PEFT's two.
        File.Delete(Path.Combine(output, AdapterFolder.TaskFile));
        var foreign = AdapterFolder.Read(output);
        Assert.Null(foreign.Task);
        using var ours = new Predictor(model, ModelEngine.CompileAny);
        using var other = new Predictor(foreign.Load(), ModelEngine.CompileAny);
        var (expected, given) = (ours.Predict(rows.Set), other.Predict(rows.Set));
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], given[i], 2e-4 * Math.Max(1, Math.Abs(expected[i])));
    }

    [Theory]
    [InlineData(TextHead.None)]
    [InlineData(TextHead.MaskedLanguageModel)]
    public void An_adapter_of_an_encoder_has_the_names_of_a_model_without_a_head(TextHead head)
    {
        var source = SmallTexts.WriteBert(Path.Combine(_folder, "bert"), head);
        var run = FineTuning.Run(new RunOptions
        {
            Out = Path.Combine(_folder, "run"),
            Data = new DataOptions { Path = SmallPairs.Write(_folder), Task = "embedding" },
            Model = new ModelOptions { Path = source },
            Method = new MethodOptions { Name = "lora" },
            Training = new TrainingOptions { Epochs = 1, LearningRate = 3e-3 },
        }).Path;
        var model = ModelFolder.Load(run);
        using var rows = HeldOutRows.Of(run, model);
        PeftExport.Write(run, model, Path.Combine(_folder, "out"), rows);
        var adapter = PeftAdapter.Read(Path.Combine(_folder, "out"));
        Assert.Equal("FEATURE_EXTRACTION", adapter.Config.TaskType);
        Assert.Contains("encoder.layer.0.attention.self.query.lora_A.weight", adapter.Weights.All.Select(w => w.Name));
    }

    [Fact]
    public void Another_base_is_refused_with_what_to_do()
    {
        var run = Tune("lora", "label", "run");
        var model = ModelFolder.Load(run);
        var other = Path.Combine(_folder, "other");
        Directory.CreateDirectory(other);
        foreach (var file in Directory.GetFiles(Path.Combine(_folder, "bert"))) File.Copy(file, Path.Combine(other, Path.GetFileName(file)));
        var weights = SafetensorsReader.Read(Path.Combine(other, "model.safetensors"));
        var store = weights.Weights.DeepCopy();
        store["bert.encoder.layer.1.output.dense.weight"].Value.Data.Span<float>()[3] += 1e-3f;
        File.Delete(Path.Combine(other, "model.safetensors"));
        SafetensorsWriter.Write(Path.Combine(other, "model.safetensors"), store, new Dictionary<string, string> { ["format"] = "pt" });
        using var rows = HeldOutRows.Of(run, model);
        var output = Path.Combine(_folder, "out");
        var error = Assert.Throws<WeightsException>(() => PeftExport.Write(run, model, output, rows, other));
        Assert.Contains("belongs to another base", error.Message, StringComparison.Ordinal);
        Assert.Contains("Load the base", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(output));
        Directory.Delete(Path.Combine(_folder, "bert"), recursive: true);
        Assert.Contains("--base FOLDER", Assert.Throws<OptionsException>(() => PeftExport.Write(run, model, output, rows)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hidden_act", "\"relu\"", "hidden_act was gelu and is relu")]
    [InlineData("layer_norm_eps", "1e-05", "layer_norm_eps was 1E-12 and is 1E-05")]
    [InlineData("num_attention_heads", "4", "num_attention_heads was 2 and is 4")]
    [InlineData("pad_token_id", "null", "pad_token_id was 0 and is null")]
    [InlineData("hidden_dropout_prob", "0.3", null)]
    [InlineData("initializer_range", "0.5", null)]
    [InlineData("layer_norm_eps", "1e-12", null)]
    public void A_base_that_computes_something_else_is_another_base(string setting, string value, string? message)
    {
        var run = Tune("lora", "label", "run");
        var file = Path.Combine(_folder, "bert", "config.json");
        var config = JsonNode.Parse(File.ReadAllText(file))!;
        config[setting] = JsonNode.Parse(value);
        File.WriteAllText(file, config.ToJsonString());
        if (message is null) Assert.NotNull(AdapterFolder.Read(run).Load());
        else Assert.Contains(message, Assert.Throws<WeightsException>(() => AdapterFolder.Read(run).Load()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_adapter_that_changes_nothing_or_something_else_is_not_exported()
    {
        var run = Tune("lora", "label", "run");
        var model = ModelFolder.Load(run);
        using var rows = HeldOutRows.Of(run, model);
        var output = Path.Combine(_folder, "out");
        var kept = Path.Combine(run, "model", "adapter");
        var adapter = PeftAdapter.Read(kept);
        void Rewrite(float factor)
        {
            var weights = adapter.Weights.DeepCopy();
            foreach (var weight in weights.All.Where(w => w.Name.EndsWith(".lora_B.weight", StringComparison.Ordinal)))
            {
                foreach (ref var value in weight.Value.Data.Span<float>()) value *= factor;
            }
            (adapter with { Weights = weights }).Write(kept);
        }
        Rewrite(1.5f);
        Assert.Contains("something else than the model", Assert.Throws<WeightsException>(() => PeftExport.Write(run, model, output, rows)).Message, StringComparison.Ordinal);
        Rewrite(0);
        var without = model with { Network = AdapterFolder.Read(kept).Load().Network };
        Assert.Contains("changes nothing", Assert.Throws<WeightsException>(() => PeftExport.Write(run, without, output, rows)).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(output));
    }

    [Fact]
    public void A_run_without_an_adapter_says_why_it_has_none()
    {
        var run = Tune("full", "label", "run");
        var model = ModelFolder.Load(run);
        using var rows = HeldOutRows.Of(run, model);
        Assert.Contains("(full) adds no weights", Assert.Throws<OptionsException>(() => PeftExport.Write(run, model, Path.Combine(_folder, "out"), rows)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lora", "label")]
    [InlineData("dora", "glad")]
    [InlineData("ia3", "score")]
    [InlineData("prompt-tuning", "label")]
    [InlineData("prefix-tuning", "glad")]
    public void An_adapter_goes_on_from_where_it_was(string method, string target)
    {
        var run = Tune(method, target, "run");
        var first = Path.Combine(_folder, "first");
        Export(run, first);
        var again = Tune(method, target, "again", o => o with { Model = new ModelOptions { Path = first }, Training = o.Training with { Epochs = 1 } });
        var record = JsonNode.Parse(File.ReadAllText(Path.Combine(again, "run.json")))!;
        Assert.Contains("trained on from its own weights", record["notes"]!.ToJsonString(), StringComparison.Ordinal);
        var verdict = JsonNode.Parse(File.ReadAllText(Path.Combine(again, "verdict.json")))!;
        var earlier = JsonNode.Parse(File.ReadAllText(Path.Combine(run, "verdict.json")))!;
        Assert.Equal(earlier["after"]!["value"]!.GetValue<double>(), verdict["before"]!["value"]!.GetValue<double>(), 1e-4);   // what was there before is the adapter as it came
        var second = Path.Combine(_folder, "second");
        Export(again, second);
        var (one, two) = (PeftAdapter.Read(first), PeftAdapter.Read(second));
        Assert.Equal(one.BaseSha256, two.BaseSha256);
        Assert.Equal(one.Config.BaseModel, two.Config.BaseModel);
        Assert.Equal(one.Weights.All.Select(w => w.Name), two.Weights.All.Select(w => w.Name));
        Assert.All(two.Weights.All.Where(w => w.Name.Contains("lora_", StringComparison.Ordinal) || w.Name == "prompt_embeddings"), w => Assert.False(w.Value.Data.Span<byte>().SequenceEqual(one.Weights[w.Name].Value.Data.Span<byte>()), w.Name));
    }

    [Fact]
    public void Other_methods_start_from_the_merged_adapter_and_other_classes_get_a_fresh_head()
    {
        var run = Tune("lora", "label", "run");
        var first = Path.Combine(_folder, "first");
        Export(run, first);
        var full = Tune("full", "label", "full", o => o with { Model = new ModelOptions { Path = first }, Training = o.Training with { LearningRate = 1e-6, Epochs = 1 } });
        Assert.Contains("merged into its base", File.ReadAllText(Path.Combine(full, "run.json")), StringComparison.Ordinal);
        var (before, after) = (JsonNode.Parse(File.ReadAllText(Path.Combine(full, "verdict.json")))!["before"]!, JsonNode.Parse(File.ReadAllText(Path.Combine(run, "verdict.json")))!["after"]!);
        Assert.Equal(after["value"]!.GetValue<double>(), before["value"]!.GetValue<double>(), 1e-4);
        var other = Tune("lora", "glad", "other", o => o with { Model = new ModelOptions { Path = first } });
        Export(other, Path.Combine(_folder, "second"));
        Assert.Equal(2, PeftAdapter.Read(Path.Combine(_folder, "second")).Weights["classifier.weight"].Value.Sizes[0]);
        Assert.Contains("method.rank", Assert.Throws<OptionsException>(() => Tune("lora", "label", "x", o => o with { Model = new ModelOptions { Path = first }, Method = new MethodOptions { Name = "lora", Rank = 3 } })).Message, StringComparison.Ordinal);
        Assert.Contains("model.base", Assert.Throws<OptionsException>(() => Tune("lora", "label", "y", o => o with { Model = o.Model with { Base = first } })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Adapters_share_their_base_and_switching_back_gives_the_same_bits()
    {
        var (mood, other) = (Tune("lora", "label", "mood"), Tune("ia3", "glad", "other"));
        var bert = Path.Combine(_folder, "bert");
        using var set = AdapterSet.Load(bert, new Dictionary<string, string> { ["mood"] = mood, ["other"] = other });
        using var rows = ModelRows.Read(set["mood"].Model, Path.Combine(_folder, "texts.csv"), labelled: false);
        var first = set["mood"].Predict(rows.Set);
        var between = set["other"].Predict(rows.Set);
        Assert.Equal(first, set["mood"].Predict(rows.Set));
        Assert.Equal(between, set["other"].Predict(rows.Set));
        Assert.Equal((3 * rows.Set.Rows, 2 * rows.Set.Rows), (first.Length, between.Length));
        // each alone, without the other
        foreach (var (name, run, values) in new[] { ("mood", mood, first), ("other", other, between) })
        {
            using var alone = new Predictor(AdapterFolder.Read(run, bert).Load(), ModelEngine.CompileAny);
            Assert.Equal(alone.Predict(rows.Set), values);
            using var merged = Predictor.Load(run, ModelEngine.CompileAny);
            var expected = merged.Predict(rows.Set);
            for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], values[i], 1e-4);
        }
        // the trunk is one set of tensors: of the second adapter only its own and its head's come besides
        var trunk = TextModel.Load(bert, new TextLoadOptions { Head = TextHead.SequenceClassification }).Graph.Weights.All.Count(w => w.Role == WeightRole.Parameter);
        using var single = AdapterSet.Load(bert, new Dictionary<string, string> { ["mood"] = mood });
        Assert.InRange(set.SharedTensors - single.SharedTensors, 1, trunk / 2);
        Assert.Contains("'mood'", Assert.Throws<OptionsException>(() => set["moot"]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ranks_scales_and_layers_follow_patterns_and_reach_PEFTs_configuration()
    {
        var run = Tune("lora", "label", "run", o => o with { Method = new MethodOptions { Name = "lora", Rank = 4, Target = ["*.query.weight", "*.value.weight", "*.output.dense.weight"], Layers = [1], RankPattern = ["*.value.weight=2"], AlphaPattern = ["*.query.weight=3"] } });
        Export(run, Path.Combine(_folder, "out"));
        var adapter = PeftAdapter.Read(Path.Combine(_folder, "out"));
        const string attention = "bert.encoder.layer.1.attention.self.";
        Assert.All(adapter.Weights.All.Where(w => w.Name.Contains("lora_", StringComparison.Ordinal)), w => Assert.StartsWith("bert.encoder.layer.1.", w.Name, StringComparison.Ordinal));
        Assert.Equal((2, 4, 4), (adapter.Config.RankOf(attention + "value"), adapter.Config.RankOf(attention + "query"), adapter.Config.RankOf("bert.encoder.layer.1.output.dense")));
        Assert.Equal((4 / 2.0, 3 / 4.0, 8 / 4.0), (adapter.Config.ScaleOf(attention + "value"), adapter.Config.ScaleOf(attention + "query"), adapter.Config.ScaleOf("bert.encoder.layer.1.output.dense")));
        Assert.Contains("There are 0, 1", Assert.Throws<OptionsException>(() => Tune("lora", "label", "x", o => o with { Method = new MethodOptions { Name = "lora", Layers = [7] } })).Message, StringComparison.Ordinal);
        Assert.Contains("method.rank-pattern", Assert.Throws<OptionsException>(() => Tune("lora", "label", "y", o => o with { Method = new MethodOptions { Name = "lora", RankPattern = ["*.kwery.weight=2"] } })).Message, StringComparison.Ordinal);
        Assert.Contains("PATTERN=RANK", Assert.Throws<OptionsException>(() => new RunOptions { Out = "o", Data = new DataOptions { Path = "d", Target = "t" }, Model = new ModelOptions { Path = "m" }, Method = new MethodOptions { Name = "lora", RankPattern = ["*=1.5"] } }.Validate()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Trap_43_an_adapter_whose_base_has_moved_is_told_where_it_is()
    {
        var run = Tune("lora", "label", "run");
        var first = Path.Combine(_folder, "first");
        Export(run, first);
        var (bert, moved) = (Path.Combine(_folder, "bert"), Path.Combine(_folder, "moved"));
        Directory.Move(bert, moved);
        Directory.CreateDirectory(Path.Combine(_folder, "empty"));
        Assert.Contains("--base FOLDER", Assert.Throws<OptionsException>(() => AdapterFolder.Read(first)).Message, StringComparison.Ordinal);
        using var there = RunPreparation.Prepare(Options("lora", "label", "x") with { Model = new ModelOptions { Path = first, Base = moved } });
        Assert.NotNull(there);
        Assert.Contains("config.json", Assert.Throws<DataFormatException>(() => RunPreparation.Prepare(Options("lora", "label", "x") with { Model = new ModelOptions { Path = first, Base = Path.Combine(_folder, "empty") } })).Message, StringComparison.Ordinal);
    }

    private static void Export(string run, string output)
    {
        var model = ModelFolder.Load(run);
        using var rows = HeldOutRows.Of(run, model);
        PeftExport.Write(run, model, output, rows);
    }

    private string Tune(string method, string target, string name, Func<RunOptions, RunOptions>? change = null)
    {
        var source = Path.Combine(_folder, "bert");
        if (!Directory.Exists(source)) SmallTexts.WriteBert(source);
        var options = Options(method, target, name);
        return FineTuning.Run(change is null ? options : change(options)).Path;
    }

    private RunOptions Options(string method, string target, string name)
    {
        var table = SmallTexts.WriteTable(_folder, 150);
        if (target == "glad") File.WriteAllLines(table, [.. File.ReadAllLines(table).Select((l, i) => l + "," + (i == 0 ? "glad" : l.Contains(",glad,", StringComparison.Ordinal) ? "yes" : "no"))]);
        return new RunOptions
        {
            Out = Path.Combine(_folder, name),
            Data = new DataOptions { Path = table, Target = target },
            Text = new TextOptions { Columns = ["review"] },
            Model = new ModelOptions { Path = Path.Combine(_folder, "bert") },
            Method = new MethodOptions { Name = method },
            Training = new TrainingOptions { Epochs = 2, LearningRate = 3e-3 },
        };
    }
}
