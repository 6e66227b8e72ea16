using System.Text.Json.Nodes;
using Attune.Graphs;
using Attune.Methods;
using Attune.Models.Text;
using Attune.Tests.Golden;
using Attune.Weights;

namespace Attune.Tests.Methods;

/// <summary>What an adapter folder of PEFT may hold, and what a bad one gets; the numbers are the golden cases'.</summary>
public sealed class PeftAdapterTests
{
    private static readonly string Golden = Path.Combine(TestFiles.Root, "test", "golden");

    [Theory]
    [InlineData("use_qalora", "true")]
    [InlineData("trainable_token_indices", "[3]")]
    [InlineData("layer_replication", "[[0, 2]]")]
    [InlineData("lora_bias", "true")]
    [InlineData("some_new_trick", "0.5")]
    [InlineData("init_lora_weights", "\"pissa\"")]
    [InlineData("bias", "\"some\"")]
    [InlineData("peft_type", "\"ADALORA\"")]
    [InlineData("r", "0")]
    [InlineData("lora_alpha", "\"8\"")]
    [InlineData("rank_pattern", "{\"query\": 1.5}")]
    public void A_field_that_changes_the_mathematics_is_refused_by_name(string field, string value)
    {
        var error = Assert.Throws<DataFormatException>(() => PeftConfig.Parse(Config(field, value)));
        Assert.Contains($"'{field}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("base_model_name_or_path", "\"elsewhere\"")]
    [InlineData("peft_version", "\"0.17.0\"")]
    [InlineData("some_new_trick", "null")]
    [InlineData("some_new_list", "[]")]
    [InlineData("init_lora_weights", "\"gaussian\"")]
    public void A_field_that_changes_nothing_is_kept(string field, string value)
        => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(value), PeftConfig.Parse(Config(field, value)).Json[field]));

    [Theory]
    [InlineData("query", "a.query", true)]
    [InlineData("query", "query", true)]
    [InlineData("query", "a.myquery", false)]
    [InlineData("self.query", "layer.0.self.query", true)]
    public void A_list_fits_names_and_endings(string target, string module, bool expected)
        => Assert.Equal(expected, PeftTargets.IsTarget(PeftConfig.Parse(Config("target_modules", $"[\"{target}\"]")), module));

    [Fact]
    public void Layers_and_exclusions_narrow_the_targets()
    {
        var config = PeftConfig.Parse("""{"peft_type": "LORA", "target_modules": ["query", "key"], "exclude_modules": ["1.key"], "layers_to_transform": [1, 2], "layers_pattern": "layer"}""");
        string[] modules = ["bert.layer.0.query", "bert.layer.1.query", "bert.layer.1.key", "bert.layer.2.key", "bert.block.1.query"];
        Assert.Equal(["bert.layer.1.query", "bert.layer.2.key"], modules.Where(m => PeftTargets.IsTarget(config, m)));
    }

    [Fact]
    public void Patterns_give_ranks_and_scales_by_the_end_of_a_name()
    {
        var config = PeftConfig.Parse("""{"peft_type": "LORA", "r": 4, "lora_alpha": 8, "use_rslora": true, "target_modules": "all-linear", "rank_pattern": {"layer.1.query": 16}, "alpha_pattern": {"^bert.key": 3}}""");
        Assert.Equal((16, 8 / 4.0), (config.RankOf("bert.layer.1.query"), config.ScaleOf("bert.layer.1.query")));
        Assert.Equal((4, 8 / 2.0), (config.RankOf("bert.mylayer.1.query"), config.ScaleOf("bert.mylayer.1.query")));
    }

    [Fact]
    public void A_pattern_that_never_ends_is_an_error()
    {
        var config = PeftConfig.Parse("""{"peft_type": "LORA", "target_modules": "(a+)+b"}""");
        Assert.Contains("cannot be used", Assert.Throws<DataFormatException>(() => PeftTargets.IsTarget(config, new string('a', 40) + "c")).Message, StringComparison.Ordinal);
        Assert.Throws<DataFormatException>(() => PeftTargets.IsTarget(PeftConfig.Parse("""{"peft_type": "LORA", "target_modules": "(a"}"""), "a"));
    }

    [Fact]
    public void Truncated_and_damaged_configurations_are_errors()
    {
        var text = File.ReadAllText(Path.Combine(Golden, "adapters", "lora_patterns", PeftAdapter.ConfigFile));
        var random = new Random(5);
        for (var i = 0; i < 500; i++)
        {
            var damaged = text.ToCharArray();
            for (var k = 0; k < 3; k++) damaged[random.Next(damaged.Length)] = "{}[]\",:0a"[random.Next(9)];
            try { PeftConfig.Parse(new string(damaged)[..random.Next(damaged.Length)]); }
            catch (DataFormatException) { }
        }
    }

    [Fact]
    public void Missing_unexpected_and_misshapen_tensors_are_named()
    {
        var (adapter, network) = (PeftAdapter.Read(Path.Combine(Golden, "adapters", "lora_patterns")), Bert());
        const string query = "bert.encoder.layer.0.attention.self.query.lora_B.weight";
        Assert.Contains($"1 missing: '{query}'", Fails(w => w.Remove(query)), StringComparison.Ordinal);
        Assert.Contains("2 missing: 'classifier.weight', 'classifier.bias'", Fails(w => { w.Remove("classifier.weight"); w.Remove("classifier.bias"); }), StringComparison.Ordinal);
        Assert.Contains("1 of no use: 'bert.pooler.dense.lora_A.weight'", Fails(w => w.Add("bert.pooler.dense.lora_A.weight", Tensor.Of(new float[4], 4))), StringComparison.Ordinal);
        Assert.Contains("1 of another shape: '" + query, Fails(w => w.Replace(w[query] with { Value = Tensor.Of(new float[32 * 3], 32, 3) })), StringComparison.Ordinal);

        string Fails(Action<WeightStore> change)
        {
            var weights = new WeightStore(adapter.Weights.All);
            change(weights);
            return Assert.Throws<WeightsException>(() => (adapter with { Weights = weights }).Attach(network)).Message;
        }
    }

    [Fact]
    public void The_base_is_known_by_its_bytes_and_the_head_does_not_count()
    {
        var network = Bert();
        var adapter = PeftAdapter.Read(Path.Combine(Golden, "adapters", "lora_patterns"));
        Assert.Null(adapter.BaseSha256);   // PEFT's files say nothing
        var attached = adapter.Attach(network);
        var own = adapter.With(attached, attached.Graph);
        network.Weights["classifier.bias"].Value.Data.Span<float>()[0] += 1;
        own.Attach(network);
        network.Weights["bert.pooler.dense.bias"].Value.Data.Span<float>()[0] += 1;
        Assert.Contains("another base", Assert.Throws<WeightsException>(() => own.Attach(network)).Message, StringComparison.Ordinal);
    }

    private static Graph Bert()
    {
        var graph = TextModel.Load(Path.Combine(Golden, "models", "bert_seqcls_2"), new TextLoadOptions { Head = TextHead.SequenceClassification }).Graph;
        return graph with { Weights = graph.Weights.DeepCopy() };
    }

    private static string Config(string field, string value)
    {
        var config = (JsonObject)JsonNode.Parse("""{"peft_type": "LORA", "r": 4, "lora_alpha": 8, "target_modules": ["query"], "use_dora": false}""")!;
        config[field] = JsonNode.Parse(value);
        return config.ToJsonString();
    }
}
