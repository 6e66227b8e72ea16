using Attune.Engines;
using Attune.Engines.Dense;
using Attune.Encoding;
using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Losses;
using Attune.Methods;
using Attune.Tests.Graphs;
using Attune.Weights;
using static Attune.Tests.Engines.Dense.DenseGraphs;

namespace Attune.Tests.Methods;

/// <summary>Finding, cutting and replacing heads of any kind.</summary>
public sealed class HeadTests
{
    [Theory]
    [InlineData("mlp", "Gemm", 7, 3, null)]
    [InlineData("residual", "Gemm", 10, 4, null)]
    [InlineData("inverted", "Conv", 12, 4, "Softmax")]
    [InlineData("encoder", "MatMul", 32, 5, "Softmax")]
    [InlineData("encoder without names", "MatMul", 32, 5, "Softmax")]
    public void The_head_is_found_behind_activations_shapes_and_pools(string name, string op, int inputs, int outputs, string? activation)
    {
        var head = GraphHead.Find(TuningGraphs.All[name]());
        Assert.Equal((op, inputs, outputs, activation), (head.Node.Operator, head.Inputs, head.Outputs, head.Activation));
        Assert.Equal(2, head.Weights.Count);
        Assert.Contains($"{inputs} → {outputs}", head.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mlp")]
    [InlineData("residual")]
    [InlineData("inverted")]
    [InlineData("encoder")]
    public void A_replaced_head_has_the_new_size_and_leaves_the_rest(string name)
    {
        var graph = TuningGraphs.All[name]();
        var (replaced, fresh) = HeadReplacement.Replace(graph, 7, 3);
        Assert.Empty(GraphValidator.Validate(replaced));
        Assert.Equal(7, replaced.Outputs[0].Shape![1].Size);
        Assert.Equal(2, fresh.Count);
        var old = GraphHead.Find(graph);
        foreach (var weight in graph.Weights.All.Where(w => !old.Weights.Contains(w.Name) && w.Role != WeightRole.Constant)) Assert.Same(weight.Value, replaced.Weights[weight.Name].Value);
        var head = GraphHead.Find(replaced);
        Assert.Equal((7, old.Inputs, null), (head.Outputs, head.Inputs, head.Activation));
        Assert.Equal(head.Weights.Order(), fresh.Order());
        var values = replaced.Weights[head.Weight].Value.Data.Span<float>().ToArray();
        Assert.InRange(values.Max(Math.Abs), 0.5 / Math.Sqrt(old.Inputs), 1 / Math.Sqrt(old.Inputs));
        Assert.All(replaced.Weights[head.Bias!].Value.Data.Span<float>().ToArray(), b => Assert.Equal(0, b));
        Assert.Equal(name == "inverted" ? ["head.bias", "head.weight"] : name == "residual" ? ["fc.bias", "fc.weight"] : old.Weights.Order(), fresh.Order());
        var outputs = Run(replaced);
        Assert.Equal([2, 7], outputs.Sizes);
        Assert.All(outputs.Data.Span<float>().ToArray(), v => Assert.True(float.IsFinite(v)));
    }

    [Theory]
    [InlineData("inverted")]
    [InlineData("encoder")]
    public void Cut_at_the_logits_the_softmax_of_the_output_is_the_old_output(string name)
    {
        var graph = TuningGraphs.All[name]();
        var cut = HeadReplacement.CutAtLogits(graph);
        Assert.Equal("logits", Assert.Single(cut.Outputs).Name);
        Assert.DoesNotContain(cut.Nodes, n => n.Operator == "Softmax" && n.Attributes.Int("axis") == 1);
        var (before, after) = (Run(graph).Data.Span<float>().ToArray(), Run(cut));
        var width = (int)after.Sizes[1];
        var logits = after.Data.Span<float>().ToArray();
        for (var row = 0; row < 2; row++)
        {
            var e = logits.Skip(row * width).Take(width).Select(v => Math.Exp(v)).ToArray();
            for (var k = 0; k < width; k++) Assert.Equal(e[k] / e.Sum(), before[row * width + k], 1e-6);
        }
    }

    [Fact]
    public void A_softmax_in_front_of_a_reshape_goes_and_the_reshape_learns_the_new_size()
    {
        var g = new GraphBuilder("reshaped");
        var x = g.Input("x", DataType.Float, new Shape("B", 6, 1, 1));
        var conv = g.Node("Conv", [x, g.Weight("classifier.weight", Tensor.Of(Numbers("w", 24), 4, 6, 1, 1))]);
        var softmax = g.Node("Softmax", [conv], Attributes.Of(("axis", 1L)));
        g.Output(g.Node("Reshape", [softmax, g.Constant("shape", Tensor.Of([-1L, 4], 2))]), "y", DataType.Float, new Shape("B", 4));
        var graph = g.Build();
        Assert.Equal([2, 4], Run(HeadReplacement.CutAtLogits(graph)).Sizes);
        var (replaced, fresh) = HeadReplacement.Replace(graph, 9, 1);
        Assert.Equal(["classifier.weight"], fresh);
        Assert.Equal([2, 9], Run(replaced).Sizes);
    }

    [Fact]
    public void A_head_that_shares_its_weight_gets_one_of_its_own()
    {
        var g = new GraphBuilder("tied");
        var ids = g.Input("ids", DataType.Int64, new Shape("B", 3));
        var table = g.Weight("wte.weight", Tensor.Of(Numbers("wte", 40), 8, 5));
        var x = g.Node("ReduceMean", [g.Node("Gather", [table, ids]), g.Constant("axes", Tensor.Of([1L], 1))], Attributes.Of(("keepdims", 0L)));
        g.Output(g.Node("MatMul", [x, g.Node("Transpose", [table], Attributes.Of(("perm", (long[])[1, 0])))]), "y", DataType.Float, new Shape("B", 8));
        var graph = g.Build();
        var (replaced, fresh) = HeadReplacement.Replace(graph, 2, 1);
        Assert.Equal(["head.weight"], fresh);
        Assert.Same(graph.Weights["wte.weight"].Value, replaced.Weights["wte.weight"].Value);
        Assert.Equal([2, 2], Run(replaced).Sizes);
    }

    [Theory]
    [InlineData("mlp", 7)]
    [InlineData("residual", 10)]
    [InlineData("inverted", 12)]
    [InlineData("encoder", 32)]
    public void A_head_at_the_old_ones_input_reads_it(string name, int width)
    {
        var graph = TuningGraphs.All[name]();
        var (cut, fresh) = HeadReplacement.ReplaceAt(graph, GraphHead.Find(graph).Features, 3, 2);
        Assert.Equal(2, fresh.Count);
        var head = GraphHead.Find(cut);
        Assert.Equal((3, width), (head.Outputs, head.Inputs));
        Assert.Equal(head.Weights.Order(), fresh.Order());
        Assert.Equal([2, 3], Run(cut).Sizes);
        Assert.All(GraphHead.Find(graph).Weights.Except(fresh), w => Assert.False(cut.Weights.Contains(w)));
    }

    [Fact]
    public void A_head_at_an_image_reads_its_mean()
    {
        var graph = TuningGraphs.Residual();
        var image = graph.Nodes.Single(n => n.Operator == "GlobalAveragePool").Inputs[0];
        var (a, b) = (Run(HeadReplacement.ReplaceAt(graph, image, 3, 2).Graph), Run(HeadReplacement.ReplaceAt(graph, GraphHead.Find(graph).Features, 3, 2).Graph));
        Assert.Equal(b.Data.Span<float>().ToArray(), a.Data.Span<float>().ToArray());
    }

    [Fact]
    public void A_head_at_tokens_reads_their_mean()
    {
        var graph = TuningGraphs.Encoder();
        var tokens = graph.Nodes.Single(n => n.Name == "pooled").Inputs[0];
        var (cut, _) = HeadReplacement.ReplaceAt(graph, tokens, 3, 2);
        var pooled = HeadReplacement.ReplaceAt(graph, "pooled.out", 3, 2).Graph;
        var (a, b) = (Run(cut).Data.Span<float>().ToArray(), Run(pooled).Data.Span<float>().ToArray());
        for (var i = 0; i < a.Length; i++) Assert.Equal(b[i], a[i], 1e-6);
    }

    [Fact]
    public void Wrong_values_are_refused_with_the_nearest_name_or_the_shape()
    {
        var graph = TuningGraphs.Encoder();
        Assert.Contains("Did you mean 'pooled.out'", Assert.Throws<OptionsException>(() => HeadReplacement.ReplaceAt(graph, "poled.out", 3, 1)).Message, StringComparison.Ordinal);
        var ids = new GraphBuilder("ids");
        var x = ids.Node("Unsqueeze", [ids.Node("Shape", [ids.Input("x", DataType.Float, new Shape("B", 3))]), ids.Constant("axes", Tensor.Of([0L], 1))], name: "sizes");
        ids.Output(x, "y", DataType.Int64, new Shape(1, 2));
        Assert.Contains("'sizes.out' is Int64[1, 2]", Assert.Throws<OptionsException>(() => HeadReplacement.ReplaceAt(ids.Build(), "sizes.out", 3, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Proposals_begin_with_the_input_of_the_present_head()
    {
        var proposals = HeadProposal.For(TuningGraphs.Residual());
        Assert.StartsWith("input of the present head", proposals[0].Why, StringComparison.Ordinal);
        Assert.Equal(GraphHead.Find(TuningGraphs.Residual()).Features, proposals[0].Value);
        Assert.Contains("pooled", proposals[1].Why, StringComparison.Ordinal);
        Assert.All(proposals, p => Assert.Null(Record.Exception(() => HeadReplacement.ReplaceAt(TuningGraphs.Residual(), p.Value, 2, 1))));
        var encoder = HeadProposal.For(TuningGraphs.Encoder());
        Assert.Equal("pooled.out", encoder[0].Value);

        var g = new GraphBuilder("odd");
        var x = g.Relu(Linear(g, g.Input("x", DataType.Float, new Shape("B", 3)), "a", 3, 6));
        g.Output(g.Node("Sin", [x]), "y", DataType.Float, new Shape("B", 6));
        var error = Assert.Throws<WeightsException>(() => HeadReplacement.Replace(g.Build(), 2, 1));
        Assert.Contains("(Sin)", error.Message, StringComparison.Ordinal);
        Assert.Contains("model.head-at; candidates: 'sin.out', 'relu.out'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Two_logits_become_one_with_the_softmaxs_probability_and_gradient(int positive)
    {
        var two = Build(5, 2, (g, x) => Linear(g, g.Tanh(Linear(g, x, "a", 5, 4)), "b", 4, 2));
        var one = HeadReplacement.ToSingleLogit(two, positive);
        var trainable = Attune.Methods.TrainableSelection.Select(two, new(), 0, 0, new HashSet<string>());
        using var softmax = DenseCompiler.Compile(two, new CompileOptions { Trainable = trainable });
        using var sigmoid = DenseCompiler.Compile(one, new CompileOptions { Trainable = trainable });
        int[] labels = [0, 1, 1, 0, 1, 0];
        var x = new FloatInput("x", 5, Numbers("x", 30));
        softmax.Accumulate(new EncodedSet(6, [x], Targets.Classes(labels)), Rows(6), new CrossEntropy(), 6, new MicroStep(0, 0));
        sigmoid.Accumulate(new EncodedSet(6, [x], Targets.Real([.. labels.Select(l => l == positive ? 1f : 0f)], 1)), Rows(6), new BinaryCrossEntropy(), 6, new MicroStep(0, 0));
        foreach (var weight in trainable)
        {
            var count = (int)two.Weights[weight.Name].Count;
            var (a, b) = (new float[count], new float[count]);
            softmax.ReadGradient(weight.Name, a);
            sigmoid.ReadGradient(weight.Name, b);
            for (var i = 0; i < count; i++) Assert.Equal(a[i], b[i], 1e-6);
            Assert.Contains(a, v => Math.Abs(v) > 1e-4);
        }
        Assert.Throws<WeightsException>(() => HeadReplacement.ToSingleLogit(Build(5, 3, (g, v) => Linear(g, v, "c", 5, 3)), positive));
    }

    private static Tensor Run(Graph graph)
    {
        using var folder = TestFiles.Folder();
        var path = Path.Combine(folder.Path, "graph.onnx");
        OnnxWriter.Write(graph, path);
        return OnnxRuntimeCheck.Run(path, TuningGraphs.Inputs(graph))[graph.Outputs[0].Name];
    }
}
