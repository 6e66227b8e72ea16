using Attune.Graphs;
using Attune.Methods;
using Attune.Models.Text;
using Attune.Models.Vision;
using Attune.Options;
using Attune.Weights;

namespace Attune.Tests.Methods;

/// <summary>Where bottleneck adapters stand, how large they are, and what a wrong setting gets; what every method promises is tested with the others.</summary>
public sealed class BottleneckTests
{
    private static readonly IReadOnlySet<string> None = new HashSet<string>();

    [Theory]
    [InlineData("bert", "attention.output.dense", "layer.0.output.dense")]
    [InlineData("roberta", "attention.output.dense", "layer.0.output.dense")]
    [InlineData("electra", "attention.output.dense", "layer.0.output.dense")]
    [InlineData("distilbert", "attention.out_lin", "ffn.lin2")]
    [InlineData("mpnet", "attention.attn.o", "layer.0.output.dense")]
    [InlineData("deberta-v2", "attention.output.dense", "layer.0.output.dense")]
    [InlineData("modernbert", "attn.Wo", "mlp.Wo")]
    [InlineData("gpt2", "attn.c_proj", "mlp.c_proj")]
    [InlineData("llama", "self_attn.o_proj", "mlp.down_proj")]
    public void Each_family_has_one_behind_each_attention_and_each_feed_forward_layer(string family, string attention, string feedForward)
    {
        var sites = BottleneckSite.Of(NetworkStructure.Of(Model(family)));
        Assert.Equal([true, false, true, false], sites.Select(s => s.IsAttention));
        Assert.All(sites, s => Assert.Equal(16, s.Width));
        Assert.EndsWith(attention, sites[0].Stem, StringComparison.Ordinal);
        Assert.EndsWith(feedForward, sites[1].Stem, StringComparison.Ordinal);
    }

    [Fact]
    public void Layers_that_share_their_weights_share_an_adapter()
    {
        var graph = Model("albert");
        Assert.Equal(4, BottleneckSite.Of(NetworkStructure.Of(graph)).Count);
        var plan = MethodPlan.For(graph, new MethodOptions { Name = "bottleneck", BottleneckSize = 4 }, 0, 0, None);
        Assert.Equal(2 * 4, plan.Added.Count);
    }

    [Fact]
    public void A_vision_transformer_has_them_too()
    {
        var graph = VisionModel.Load(Path.Combine(TestFiles.Root, "test", "golden", "models", "vit_imgcls")).Graph;
        var sites = BottleneckSite.Of(NetworkStructure.Of(graph));
        Assert.NotEmpty(sites);
        Assert.Equal(sites.Count / 2, sites.Count(s => s.IsAttention));
    }

    [Fact]
    public void Placement_targets_layers_and_sizes_choose()
    {
        Assert.Equal(["bert.encoder.layer.0.output.dense", "bert.encoder.layer.1.output.dense"], Stems(new MethodOptions { Name = "bottleneck", Placement = "feed-forward" }));
        Assert.Equal(["bert.encoder.layer.1.attention.output.dense"], Stems(new MethodOptions { Name = "bottleneck", Placement = "attention", Layers = [1] }));
        Assert.Equal(["bert.encoder.layer.0.output.dense"], Stems(new MethodOptions { Name = "bottleneck", Target = ["*layer.0.output.dense.weight"] }));
        Assert.Equal(4, SizeOf(new MethodOptions { Name = "bottleneck", ReductionFactor = 4 }));
        Assert.Equal(7, SizeOf(new MethodOptions { Name = "bottleneck", BottleneckSize = 7 }));
        foreach (var (activation, op) in new[] { ("gelu", "Gelu"), ("relu", "Relu"), ("silu", "Sigmoid"), ("tanh", "Tanh") })
            Assert.Contains(MethodPlan.For(Model("bert"), new MethodOptions { Name = "bottleneck", Activation = activation }, 0, 0, None).Adapted.Nodes, n => n.Operator == op && n.Name.Contains(".adapter.", StringComparison.Ordinal));

        static List<string> Stems(MethodOptions options) => [.. MethodPlan.For(Model("bert"), options, 0, 0, None).Added.Where(n => n.EndsWith("down.weight", StringComparison.Ordinal)).Select(n => n[..n.IndexOf(".adapter", StringComparison.Ordinal)])];
        static long SizeOf(MethodOptions options) => MethodPlan.For(Model("bert"), options, 0, 0, None) is var plan ? plan.Adapted.Weights[plan.Added[0]].Value.Sizes[0] : 0;
    }

    [Fact]
    public void A_wrong_setting_says_what_would_do()
    {
        Assert.Contains("has 16 outputs", Fails(new MethodOptions { Name = "bottleneck", BottleneckSize = 16 }), StringComparison.Ordinal);
        Assert.Contains("There are 0, 1", Fails(new MethodOptions { Name = "bottleneck", Layers = [7] }), StringComparison.Ordinal);
        Assert.Contains("widen method.placement", Fails(new MethodOptions { Name = "bottleneck", Placement = "attention", Target = ["*layer.0.output.dense.weight", "*layer.1.output.dense.weight"] }), StringComparison.Ordinal);
        Assert.Contains("method.target", Fails(new MethodOptions { Name = "bottleneck", Target = ["*nothing*"] }), StringComparison.Ordinal);
        foreach (var (options, option) in new[]
        {
            (new MethodOptions { Name = "bottleneck", ReductionFactor = 1 }, "method.reduction-factor"),
            (new MethodOptions { Name = "bottleneck", BottleneckSize = 0 }, "method.bottleneck-size"),
            (new MethodOptions { Name = "bottleneck", BottleneckSize = 3, ReductionFactor = 2 }, "method.bottleneck-size"),
            (new MethodOptions { Name = "bottleneck", Activation = "step" }, "method.activation"),
            (new MethodOptions { Name = "bottleneck", Placement = "everywhere" }, "method.placement"),
            (new MethodOptions { Name = "bottleneck", VirtualTokens = 3 }, "method.virtual-tokens"),
            (new MethodOptions { Name = "prompt-tuning", VirtualTokens = 0 }, "method.virtual-tokens"),
            (new MethodOptions { Name = "lora", Placement = "attention" }, "method.placement"),
        })
        {
            var run = new RunOptions { Out = "o", Data = new DataOptions { Path = "d", Target = "t" }, Model = new ModelOptions { Path = "m" }, Method = options };
            Assert.Contains(option, Assert.Throws<OptionsException>(run.Validate).Message, StringComparison.Ordinal);
        }

        static string Fails(MethodOptions options) => Assert.Throws<OptionsException>(() => MethodPlan.For(Model("bert"), options, 0, 0, None)).Message;
    }

    [Fact]
    public void A_network_that_has_them_trains_them_on()
    {
        var first = MethodPlan.For(Model("bert"), new MethodOptions { Name = "bottleneck" }, 0, 0, None);
        var again = MethodPlan.For(first.Adapted, new MethodOptions { Name = "bottleneck" }, 0, 0, None);
        Assert.Equal(first.Adapted.Nodes.Count, again.Adapted.Nodes.Count);
        Assert.Empty(again.Added);
        Assert.Equal(first.Trainable.Select(t => t.Name).Order(StringComparer.Ordinal), again.Trainable.Select(t => t.Name).Order(StringComparer.Ordinal));
        Assert.Contains("method.activation", Assert.Throws<OptionsException>(() => MethodPlan.For(first.Adapted, new MethodOptions { Name = "bottleneck", Activation = "relu" }, 0, 0, None)).Message, StringComparison.Ordinal);
    }

    private static Graph Model(string family) => VirtualTokenTests.Model(family, TextHead.SequenceClassification, 2).Graph is var graph ? graph with { Outputs = [graph.Outputs[0]] } : null!;
}
