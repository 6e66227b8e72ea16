using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Methods;
using Attune.Options;
using Attune.Tests.Graphs;
using static Attune.Tests.Engines.Dense.DenseGraphs;

namespace Attune.Tests.Methods;

/// <summary>Shapes, names, scales and targets of low-rank adapters; the contract suite has the rest.</summary>
public sealed class LoraTests
{
    private static readonly IReadOnlySet<string> None = new HashSet<string>();

    [Fact]
    public void Names_shapes_and_starting_values_are_pefts()
    {
        var plan = Plan(TuningGraphs.Encoder(), new() { Rank = 3, Target = ["*.query.weight", "*.value.weight"] });
        var a = plan.Adapted.Weights["vit.encoder.layer.0.attention.attention.query.lora_A.weight"];
        Assert.Equal([3, 32], a.Value.Sizes);
        Assert.Equal([32, 3], plan.Adapted.Weights["vit.encoder.layer.0.attention.attention.query.lora_B.weight"].Value.Sizes);
        Assert.Equal(6 * 3 * 64 + 165, plan.Trainable.Sum(t => plan.Adapted.Weights[t.Name].Count));
        var values = a.Value.Data.Span<float>().ToArray();
        Assert.InRange(values.Max(Math.Abs), 0.9 / Math.Sqrt(32), 1 / Math.Sqrt(32));
        Assert.InRange(values.Average(v => v * v), 0.8 / (3 * 32), 1.2 / (3 * 32));   // variance of Kaiming's uniform with a = √5
        Assert.All(plan.Adapted.Weights.All.Where(w => w.Name.EndsWith("lora_B.weight", StringComparison.Ordinal)), w => Assert.All(w.Value.Data.Span<float>().ToArray(), v => Assert.Equal(0, v)));

        var conv = Plan(TuningGraphs.Residual(), new() { Rank = 2, Target = ["layer2.0.conv1.weight"] }).Adapted.Weights;
        Assert.Equal([2, 6, 3, 3], conv["layer2.0.conv1.lora_A.weight"].Value.Sizes);
        Assert.Equal([10, 2, 1, 1], conv["layer2.0.conv1.lora_B.weight"].Value.Sizes);
    }

    [Theory]
    [InlineData(4, null, false, 2)]
    [InlineData(4, 4.0, false, 1)]
    [InlineData(4, 6.0, true, 3)]
    [InlineData(16, 8.0, true, 2)]
    public void The_scale_is_alpha_over_rank_or_its_root(int rank, double? alpha, bool stabilized, double scale)
    {
        var graph = Build(4, 2, (g, x) => Linear(g, g.Relu(Linear(g, x, "a", 4, 5)), "b", 5, 2));
        var plan = Plan(graph, new() { Rank = rank, Alpha = alpha, RankStabilized = stabilized });
        Assert.Contains(FormattableString.Invariant($"scale {scale:G4},"), plan.Description[0], StringComparison.Ordinal);
        var trained = MethodContractTests.Moved(plan);
        var w = trained.Weights["a.weight"].Value.Data.Span<float>().ToArray();
        float[] a = trained.Weights["a.lora_A.weight"].Value.Data.Span<float>().ToArray(), b = trained.Weights["a.lora_B.weight"].Value.Data.Span<float>().ToArray();
        var merged = plan.Merge(trained).Weights["a.weight"].Value.Data.Span<float>().ToArray();
        for (var o = 0; o < 5; o++)
        {
            for (var i = 0; i < 4; i++) Assert.Equal(w[o * 4 + i] + scale * Enumerable.Range(0, rank).Sum(k => (double)b[o * rank + k] * a[k * 4 + i]), merged[o * 4 + i], 1e-6);
        }
    }

    [Fact]
    public void A_gemms_own_factor_and_orientation_hold_for_the_update()
    {
        var g = new GraphBuilder("factor");
        var x = g.Input("x", DataType.Float, new Shape("B", 4));
        var y = g.Node("Gemm", [x, g.Weight("a", Tensor.Of(Numbers("a", 24), 4, 6))], Attributes.Of(("alpha", 0.3f)));
        g.Output(Linear(g, g.Relu(y), "b", 6, 2), "y", DataType.Float, new Shape("B", 2));
        var plan = Plan(g.Build(), new() { Rank = 2 });
        Assert.Equal([2, 4], plan.Adapted.Weights["a.lora_A.weight"].Value.Sizes);
        var trained = MethodContractTests.Moved(plan);
        Close(trained, plan.Merge(trained));
    }

    [Fact]
    public void Grouped_convolutions_are_left_out_unless_the_rank_fits_their_groups()
    {
        var g = new GraphBuilder("grouped");
        var x = g.Input("image", DataType.Float, new Shape("B", 4, 5, 5));
        var conv = g.Node("Conv", [x, g.Weight("g.weight", Tensor.Of(Numbers("g", 108), 6, 2, 3, 3))], Attributes.Of(("group", 2L), ("kernel_shape", (long[])[3, 3])), name: "g");
        g.Output(Linear(g, g.Node("Flatten", [g.Relu(conv)]), "fc", 54, 2), "y", DataType.Float, new Shape("B", 2));
        var graph = g.Build();
        Assert.Contains("no weight of the model can have", Assert.Throws<OptionsException>(() => Plan(graph, new() { Rank = 4 })).Message, StringComparison.Ordinal);
        Assert.Contains("2 groups do not divide the rank 3", Assert.Throws<OptionsException>(() => Plan(graph, new() { Rank = 3, Target = ["g.weight"] })).Message, StringComparison.Ordinal);
        var plan = Plan(graph, new() { Rank = 4, Target = ["g.weight"] });
        Assert.Equal([4, 2, 3, 3], plan.Adapted.Weights["g.lora_A.weight"].Value.Sizes);
        Assert.Equal([6, 2, 1, 1], plan.Adapted.Weights["g.lora_B.weight"].Value.Sizes);
        var trained = MethodContractTests.Moved(plan);
        Close(trained, plan.Merge(trained));
        Assert.Contains("grouped convolutions stay frozen (3)", Plan(TuningGraphs.Inverted(), new()).Description[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_shared_weight_is_adapted_only_use_by_use_and_merged_into_weights_of_their_own()
    {
        var g = new GraphBuilder("shared");
        var x = g.Input("x", DataType.Float, new Shape("B", 6));
        g.Weight("s.weight", Tensor.Of(Numbers("s", 36, 0.4f), 6, 6));
        var y = g.Relu(g.Node("Gemm", [x, new("s.weight")], Attributes.Of(("transB", 1L)), name: "first"));
        y = g.Relu(g.Node("MatMul", [y, g.Node("Transpose", [new("s.weight")], Attributes.Of(("perm", (long[])[1, 0])))], name: "second"));
        g.Output(Linear(g, g.Relu(Linear(g, y, "own", 6, 6)), "head", 6, 2), "y", DataType.Float, new Shape("B", 2));
        var graph = g.Build();
        var usual = Plan(graph, new());
        Assert.DoesNotContain(usual.Trainable, t => t.Name.StartsWith("first", StringComparison.Ordinal) || t.Name.StartsWith("s.", StringComparison.Ordinal));
        Assert.Contains("uses of shared weights stay frozen (2)", usual.Description[0], StringComparison.Ordinal);
        Assert.Contains("'first', 'second'", Assert.Throws<OptionsException>(() => Plan(graph, new() { Target = ["s.weight"] })).Message, StringComparison.Ordinal);
        var one = Plan(graph, new() { Rank = 2, Target = ["second"] });
        var trained = MethodContractTests.Moved(one);
        var merged = one.Merge(trained);
        Close(trained, merged);
        Assert.Same(trained.Weights["s.weight"].Value, merged.Weights["s.weight"].Value);
        Assert.Equal([6, 6], merged.Weights["second.weight"].Value.Sizes);
        var both = Plan(graph, new() { Rank = 2, Target = ["first", "second"] });
        trained = MethodContractTests.Moved(both);
        merged = both.Merge(trained);
        Close(trained, merged);
        Assert.False(merged.Weights.Contains("s.weight"));
    }

    [Fact]
    public void Dropout_stands_in_front_of_A_only()
    {
        var plan = Plan(TuningGraphs.Residual(), new() { Dropout = 0.25, Target = ["layer2.0.conv1.weight"] });
        var dropout = Assert.Single(plan.Adapted.Nodes, n => n.Operator == "Dropout");
        Assert.Equal(0.25f, plan.Adapted.Weights[dropout.Inputs[1]].Value.Data.Span<float>()[0]);
        Assert.Equal(plan.Adapted.Nodes.Single(n => n.Name == "layer2.0.conv1").Inputs[0], dropout.Inputs[0]);
        Assert.Equal("layer2.0.conv1.lora_A.weight", Assert.Single(plan.Adapted.Nodes, n => n.Inputs.Contains(dropout.Outputs[0])).Inputs[1]);
    }

    [Fact]
    public void Half_precision_weights_keep_their_type()
    {
        var graph = Build(4, 2, (g, x) => Linear(g, g.Relu(Linear(g, x, "a", 4, 5)), "b", 5, 2));
        graph.Weights.Replace(graph.Weights["a.weight"] with { Value = graph.Weights["a.weight"].Value.ToFloating(DataType.BFloat16) });
        var g = Plan(graph with { Nodes = [.. graph.Nodes] }, new() { Rank = 2 }, validate: false);
        Assert.Equal(DataType.BFloat16, g.Adapted.Weights["a.lora_A.weight"].Value.Type);
        var trained = g.Adapted;
        var merged = g.Merge(trained, out var rounding).Weights["a.weight"].Value;
        Assert.Equal(DataType.BFloat16, merged.Type);
        Assert.Equal(0, rounding);   // B is zero: nothing was added
    }

    private static MethodPlan Plan(Graph graph, MethodOptions options, bool validate = true)
    {
        if (!validate) return MethodPlan.For(graph with { Nodes = [new Node("cast", "Cast", ["x"], ["x16"], Attributes.Of(("to", 16L))), .. graph.Nodes.Select(n => n.Name == "a" ? n with { Inputs = ["x16", "a.weight", ""], Outputs = ["a16"] } : n).SelectMany(n => n.Name == "a" ? new[] { n, new Node("back", "Cast", ["a16"], ["a.out"], Attributes.Of(("to", 1L))) } : [n])] }, options with { Name = "lora" }, 0, 0, None, 5);
        return MethodPlan.For(graph, options with { Name = "lora" }, 0, 0, None, 5);
    }

    private static void Close(Graph expected, Graph actual)
    {
        var (a, b) = (Run(expected), Run(actual));
        for (var i = 0; i < a.Length; i++) Assert.Equal(a[i], b[i], 2e-5 * Math.Max(1, Math.Abs(a[i])));
    }

    private static float[] Run(Graph graph)
    {
        using var folder = TestFiles.Folder();
        var path = Path.Combine(folder.Path, "graph.onnx");
        OnnxWriter.Write(graph, path);
        return OnnxRuntimeCheck.Run(path, TuningGraphs.Inputs(graph))[graph.Outputs[0].Name].Data.Span<float>().ToArray();
    }
}
