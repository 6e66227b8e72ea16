using Attune.Graphs;
using Attune.Methods;
using Attune.Models.Vision;
using Attune.Options;
using Attune.Weights;
using static Attune.Tests.Engines.Dense.DenseGraphs;

namespace Attune.Tests.Methods;

/// <summary>Layers, blocks, kinds of weights and patterns on branching graphs.</summary>
public sealed class StructureTests
{
    private static readonly IReadOnlySet<string> None = new HashSet<string>();

    [Fact]
    public void Branches_that_run_side_by_side_share_a_layer()
    {
        var layers = Layer.Of(TuningGraphs.Encoder());
        var attention = Assert.Single(layers, l => l.Weights.Contains("vit.encoder.layer.1.attention.attention.query.weight"));
        Assert.Contains("vit.encoder.layer.1.attention.attention.key.bias", attention.Weights);
        Assert.Contains("vit.encoder.layer.1.attention.attention.value.weight", attention.Weights);
        Assert.Equal(1 + 3 * 4 + 1, layers.Count);

        var residual = Layer.Of(TuningGraphs.Residual());
        var first = Assert.Single(residual, l => l.Weights.Contains("layer2.0.conv1.weight"));
        Assert.Contains("layer2.0.downsample.0.weight", first.Weights);
        Assert.Contains("layer2.0.downsample.1.running_mean", first.Weights);
        Assert.Equal(1 + 4 * 2 + 1, residual.Count);
        Assert.Equal(["fc.weight", "fc.bias"], residual[^1].Weights);
    }

    [Fact]
    public void Squeeze_and_excite_lies_between_the_convolutions_around_it()
    {
        var graph = TuningGraphs.Inverted();
        var depth = Layer.Of(graph).SelectMany(l => l.Weights.Select(w => (w, l.Index))).ToDictionary(l => l.w, l => l.Index);
        int Of(string node) => depth[graph.Nodes.Single(n => n.Name == node).Inputs[1]];
        const string p = "/features/features.2/block";
        int[] inside = [Of(p + "/block.0/block.0.0/Conv"), Of(p + "/block.1/block.1.0/Conv"), Of(p + "/block.2/fc1/Conv"), Of(p + "/block.2/fc2/Conv"), Of(p + "/block.3/block.3.0/Conv")];
        Assert.Equal(Enumerable.Range(inside[0], 5), inside);
    }

    [Fact]
    public void Blocks_are_what_people_count()
    {
        Assert.Equal(["layer1.0", "layer1.1", "layer2.0", "layer2.1"], Block.Of(TuningGraphs.Residual()).Select(b => b.Name));
        Assert.Equal(["features/features.1", "features/features.2", "features/features.3"], Block.Of(TuningGraphs.Inverted()).Select(b => b.Name));
        Assert.Equal(["vit.encoder.layer.0", "vit.encoder.layer.1", "vit.encoder.layer.2"], Block.Of(TuningGraphs.Encoder()).Select(b => b.Name));
        var mlp = NetworkStructure.Of(TuningGraphs.All["mlp"]());
        Assert.True(mlp.CountsLayers);
        Assert.Equal(3, mlp.Blocks.Count);
        Assert.Contains(NetworkStructure.Of(TuningGraphs.Residual()).Describe(), l => l.Contains("4 blocks, from layer1.0", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("convnext_atto", 12, "stages.0.blocks.0", "stages.3.blocks.1")]
    [InlineData("densenet121", 58, "features.denseblock1.denselayer1", "features.denseblock4.denselayer16")]
    [InlineData("efficientnet_b0", 16, "features.1.0", "features.7.0")]
    [InlineData("mobilenet_v2", 17, "features.1", "features.17")]
    [InlineData("mobilenet_v3_small", 11, "features.1", "features.11")]
    [InlineData("regnet_y_400mf", 16, "trunk_output.block1.block1-0", "trunk_output.block4.block4-5")]
    [InlineData("resnet18", 8, "layer1.0", "layer4.1")]
    [InlineData("resnet26d", 8, "layer1.0", "layer4.1")]
    [InlineData("vit_tiny_patch16_224", 12, "blocks.0", "blocks.11")]
    public void The_image_networks_have_the_blocks_of_their_papers(string name, int count, string first, string last)
    {
        var graph = VisionModel.Create(name, 10, 1).Graph;
        var structure = NetworkStructure.Of(graph);
        Assert.Equal((count, first, last), (structure.Blocks.Count, structure.Blocks[0].Name, structure.Blocks[^1].Name));
        Assert.Equal(10, structure.Head!.Outputs);
        // every parameter is used, and thaws in one of the stages
        Assert.Equal(graph.Weights.All.Where(w => w.Role == WeightRole.Parameter).Select(w => w.Name).Order(), MethodPlan.For(graph, new MethodOptions { UnfreezeEvery = 1 }, 0, 0, None).Stages.SelectMany(s => s.Weights).Order());
        var (replaced, fresh) = HeadReplacement.Replace(graph, 3, 1);
        Assert.Equal(structure.HeadWeights.Order(), fresh.Order());   // upstream's own keys
        Assert.Equal(3, replaced.Outputs[0].Shape![1].Size);
    }

    [Fact]
    public void Names_with_underscores_count_too()
    {
        var graph = Build(6, 2, (g, x) =>
        {
            for (var i = 1; i <= 3; i++) x = g.Add(x, Linear(g, g.Relu(Linear(g, x, $"block_{i}_expand", 6, 8)), $"block_{i}_project", 8, 6));
            return Linear(g, x, "Logits", 6, 2);
        });
        Assert.Equal(["block_1", "block_2", "block_3"], Block.Of(graph).Select(b => b.Name));
    }

    [Theory]
    [InlineData("residual")]
    [InlineData("encoder")]
    public void Without_names_the_shape_gives_the_same_blocks(string name)
    {
        var named = TuningGraphs.All[name]();
        var nameless = TuningGraphs.Nameless(named);
        var names = named.Weights.All.Zip(nameless.Weights.All, (a, b) => (a.Name, New: b.Name)).ToDictionary(n => n.New, n => n.Name);
        var (expected, found) = (Block.Of(named), Block.Of(nameless));
        Assert.False(NetworkStructure.Of(nameless).CountsLayers);
        Assert.Equal(expected.Select(b => string.Join(' ', b.Weights.Order())), found.Select(b => string.Join(' ', b.Weights.Select(w => names[w]).Order())));
    }

    [Fact]
    public void A_plain_chain_counts_its_layers()
    {
        var graph = Build(6, 2, (g, x) => Linear(g, g.Relu(Linear(g, g.Relu(Linear(g, g.Relu(Linear(g, x, "a", 6, 6)), "b", 6, 6)), "c", 6, 6)), "d", 6, 2));
        Assert.Equal(3, NetworkStructure.Of(graph).Blocks.Count);
        Assert.True(NetworkStructure.Of(graph).CountsLayers);
    }

    [Fact]
    public void Experts_that_run_side_by_side_are_no_blocks()
    {
        var graph = Build(6, 2, (g, x) =>
        {
            for (var i = 0; i < 2; i++)
            {
                Value Expert(string p) => Linear(g, g.Relu(Linear(g, x, p + ".up", 6, 8)), p + ".down", 8, 6);
                x = g.Add(Expert($"blocks.{i}.experts.0"), Expert($"blocks.{i}.experts.1"));
            }
            return Linear(g, x, "head", 6, 2);
        });
        Assert.Equal(["blocks.0", "blocks.1"], Block.Of(graph).Select(b => b.Name));
    }

    [Fact]
    public void A_written_out_norm_has_a_gain_and_an_offset()
    {
        var uses = NetworkStructure.Of(TuningGraphs.Encoder()).Uses.ToDictionary(u => u.Weight);
        Assert.Equal(WeightKind.Scale, uses["vit.layernorm.weight"].Kind);
        Assert.Equal(WeightKind.Shift, uses["vit.layernorm.bias"].Kind);
        Assert.Equal(WeightKind.Bias, uses["vit.encoder.layer.0.output.dense.bias"].Kind);
        Assert.Equal(WeightKind.Matrix, uses["vit.encoder.layer.0.output.dense.weight"].Kind);
        Assert.Equal(WeightKind.Other, uses["vit.embeddings.position"].Kind);
        Assert.Single(uses["vit.encoder.layer.0.output.dense.weight"].Path);
    }

    [Fact]
    public void Last_n_trains_what_stands_behind_its_blocks_and_nothing_before()
    {
        var trains = Trains(TuningGraphs.Encoder(), new MethodOptions { Name = "last-n", Blocks = 2 });
        Assert.Contains("vit.layernorm.weight", trains);
        Assert.Contains("vit.encoder.layer.1.layernorm_before.weight", trains);
        Assert.DoesNotContain(trains, t => t.StartsWith("vit.encoder.layer.0", StringComparison.Ordinal) || t.StartsWith("vit.embeddings", StringComparison.Ordinal));
        var error = Assert.Throws<OptionsException>(() => Trains(TuningGraphs.Residual(), new MethodOptions { Name = "last-n", Blocks = 5 }));
        Assert.Contains("the 4 blocks", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("layer4.*", "layer4.1.conv1.weight", true)]
    [InlineData("layer4.*", "layer40.1", false)]
    [InlineData("*.bias", "a.b.bias", true)]
    [InlineData("layer?.0.*", "layer3.0.bn1.weight", true)]
    [InlineData("*a*b", "xaxbxab", true)]
    [InlineData("*a*b", "xaxbxa", false)]
    [InlineData("*", "", true)]
    [InlineData("?", "", false)]
    [InlineData("Layer", "layer", false)]
    [InlineData("a*", "a*b", true)]
    public void Patterns_fit_whole_names(string pattern, string name, bool fits) => Assert.Equal(fits, NamePatterns.Fits(pattern, name));

    [Fact]
    public void Patterns_choose_by_weight_or_node()
    {
        var residual = TuningGraphs.Residual();
        Assert.Equal(["layer2.1.conv1.weight", "layer2.1.conv2.weight"], Trains(residual, new MethodOptions { Train = ["layer2.1.conv*"] }));
        Assert.Equal(["layer2.1.conv1.weight", "fc.weight", "fc.bias"], Trains(residual, new MethodOptions { Name = "head", Train = ["layer2.1.conv1.weight"] }));
        Assert.DoesNotContain(Trains(residual, new MethodOptions { Freeze = ["layer1.*", "*bn?.*"] }), t => t.Contains("bn", StringComparison.Ordinal) || t.StartsWith("layer1", StringComparison.Ordinal));
        // exporters call the weights onnx::Conv_20; the node has the name
        Assert.Equal(["onnx::Conv_52", "onnx::Conv_53"], Trains(TuningGraphs.Inverted(), new MethodOptions { Train = ["/features/features.4/*"] }));
        var plan = MethodPlan.For(residual, new MethodOptions { Name = "lora", Freeze = ["layer1.*"], Train = ["bn1.*"] }, 0, 0, None);
        Assert.DoesNotContain(plan.Trainable, t => t.Name.StartsWith("layer1", StringComparison.Ordinal));
        Assert.Contains(plan.Trainable, t => t.Name == "bn1.weight");
    }

    [Theory]
    [InlineData("method.train", "laier2.*", "layer2")]
    [InlineData("method.freeze", "fc.wieght", "fc.weight")]
    [InlineData("method.target", "layer2.0.conf1.weight", "layer2.0.conv1.weight")]
    public void A_pattern_that_fits_nothing_names_the_nearest(string option, string pattern, string nearest)
    {
        var options = option switch
        {
            "method.train" => new MethodOptions { Train = [pattern] },
            "method.freeze" => new MethodOptions { Freeze = [pattern] },
            _ => new MethodOptions { Name = "lora", Target = [pattern] },
        };
        var error = Assert.Throws<OptionsException>(() => Trains(TuningGraphs.Residual(), options));
        Assert.StartsWith($"{option}: '{pattern}' fits no weight and no node", error.Message, StringComparison.Ordinal);
        Assert.Contains($"'{nearest}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_head_always_trains_and_cannot_be_frozen()
    {
        var (graph, fresh) = HeadReplacement.Replace(TuningGraphs.Residual(), 3, 1);
        Assert.Equal(["layer2.1.conv1.weight", "fc.weight", "fc.bias"], MethodPlan.For(graph, new MethodOptions { Train = ["layer2.1.conv1.*"] }, 0, 0, fresh).Trainable.Select(t => t.Name));
        Assert.Contains("would stay random", Assert.Throws<OptionsException>(() => MethodPlan.For(graph, new MethodOptions { Freeze = ["fc.*"] }, 0, 0, fresh)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_constant_trains_only_where_it_is_named_exactly()
    {
        var graph = TuningGraphs.Encoder();
        graph.Weights.Replace(graph.Weights["vit.embeddings.position"] with { Role = WeightRole.Constant });
        Assert.DoesNotContain("vit.embeddings.position", Trains(graph, new MethodOptions { Train = ["vit.*"] }));
        Assert.Equal(["vit.embeddings.position"], Trains(graph, new MethodOptions { Train = ["vit.embeddings.position"] }));
    }

    [Fact]
    public void Rates_and_decay_follow_layers_and_kinds()
    {
        var plan = MethodPlan.For(TuningGraphs.Encoder(), new MethodOptions { LayerRateDecay = 0.5 }, 0.1, 0.2, None);
        var by = plan.Trainable.ToDictionary(t => t.Name);
        Assert.Equal(1, by["classifier.weight"].LearningRateScale);
        Assert.Equal(by["vit.encoder.layer.2.attention.attention.query.weight"].LearningRateScale, by["vit.encoder.layer.2.attention.attention.value.bias"].LearningRateScale);
        Assert.Equal((0.5, 0.25, 0.125), (by["vit.encoder.layer.2.attention.attention.query.weight"].LearningRateScale, by["vit.encoder.layer.1.attention.attention.query.weight"].LearningRateScale, by["vit.encoder.layer.0.attention.attention.query.weight"].LearningRateScale));
        Assert.Equal((1, 0.0625), (by["vit.layernorm.weight"].LearningRateScale, by["vit.embeddings.position"].LearningRateScale));
        Assert.Equal(Math.Pow(0.5, 4), by["vit.embeddings.projection.weight"].LearningRateScale);
        Assert.Equal((0.1, 0.2), (by["classifier.weight"].WeightDecay, by["classifier.weight"].L2Sp));
        Assert.Equal((0d, 0d, 0d), (by["classifier.bias"].WeightDecay, by["vit.layernorm.weight"].WeightDecay, by["vit.embeddings.position"].WeightDecay));
        var lora = MethodPlan.For(TuningGraphs.Encoder(), new MethodOptions { Name = "lora", LayerRateDecay = 0.5 }, 0.1, 0.2, None).Trainable.ToDictionary(t => t.Name);
        Assert.Equal((Math.Pow(0.5, 4), 0.1, 0d), (lora["vit.embeddings.projection.lora_A.weight"].LearningRateScale, lora["vit.embeddings.projection.lora_B.weight"].WeightDecay, lora["vit.embeddings.projection.lora_A.weight"].L2Sp));
    }

    [Fact]
    public void Stages_thaw_from_the_head_down()
    {
        var plan = MethodPlan.For(TuningGraphs.Residual(), new MethodOptions { UnfreezeEvery = 2 }, 0, 0, None, stepsPerEpoch: 7);
        Assert.Equal(["head", "layer2.1", "layer2.0", "layer1.1", "layer1.0", "stem"], plan.Stages.Select(s => s.Name));
        Assert.Equal([0, 2, 4, 6, 8, 10], plan.Stages.Select(s => s.FirstEpoch));
        var by = plan.Trainable.ToDictionary(t => t.Name, t => t.FirstStep);
        Assert.Equal((0, 14, 28, 70), (by["fc.bias"], by["layer2.1.bn2.weight"], by["layer2.0.downsample.0.weight"], by["conv1.weight"]));
        Assert.True(plan.FreezeBatchNorm);
        Assert.Equal(plan.Trainable.Count, plan.Stages.Sum(s => s.Weights.Count));
        // stages without a trainable weight take no time
        Assert.Equal(["head", "layer1.0"], MethodPlan.For(TuningGraphs.Residual(), new MethodOptions { UnfreezeEvery = 1, Train = ["fc.*", "layer1.0.*"] }, 0, 0, None).Stages.Select(s => s.Name));
    }

    private static IEnumerable<string> Trains(Graph graph, MethodOptions options) => MethodPlan.For(graph, options, 0, 0, None).Trainable.Select(t => t.Name);
}
