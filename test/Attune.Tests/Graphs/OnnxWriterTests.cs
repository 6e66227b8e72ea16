using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Weights;

namespace Attune.Tests.Graphs;

public sealed class OnnxWriterTests
{
    [Theory]
    [InlineData(17)]
    [InlineData(21)]
    [InlineData(23)]
    public void A_network_with_every_builder_call_runs_in_ONNX_Runtime_without_its_training_nodes(int opset)
    {
        using var scratch = TestData.NewFolder();
        var (graph, path) = (Network(), scratch.File("model.onnx"));
        OnnxWriter.Write(graph, path, new OnnxWriteOptions { Opset = opset, Metadata = new Dictionary<string, string> { ["task"] = "test" } });
        var model = OnnxReader.ReadModel(path);
        Assert.Equal(opset, model.Opset);
        Assert.Equal("attune", model.Producer);
        Assert.Equal("test", model.Graph.Metadata["task"]);
        Assert.DoesNotContain(model.Graph.Nodes, n => n.Operator == "Dropout" || n.Domain == Node.AttuneDomain);
        Assert.Equal(opset >= 20, model.Graph.Nodes.Any(n => n.Operator == "Gelu"));
        Assert.Equal(Roles(graph), Roles(model.Graph));
        var output = OnnxRuntimeCheck.Run(path, [("x", Tensor.Of([1f, -2, 0.5f, 3, 0, 1], 2, 3)), ("ids", Tensor.Of([1L, 0], 2))])["y"];
        Assert.Equal([2L, 2], output.Sizes);
        Assert.All(output.Data.Span<float>().ToArray(), v => Assert.True(float.IsFinite(v)));
        OnnxRuntimeCheck.AssertEqual(Expected(), output);
    }

    [Fact]
    public void Weights_can_be_byte_ranges_of_a_safetensors_file()
    {
        using var scratch = TestData.NewFolder();
        var (graph, inside, outside) = (Network(), scratch.File("inside.onnx"), scratch.File("outside.onnx"));
        var ranges = SafetensorsWriter.Write(scratch.File("model.safetensors"), graph.Weights);
        OnnxWriter.Write(graph, inside);
        OnnxWriter.Write(graph, outside, new OnnxWriteOptions { ExternalData = new OnnxExternalData("model.safetensors", ranges) });
        (string, Tensor)[] inputs = [("x", Tensor.Of([1f, -2, 0.5f], 1, 3)), ("ids", Tensor.Of([1L], 1))];
        OnnxRuntimeCheck.AssertEqual(OnnxRuntimeCheck.Run(inside, inputs)["y"], OnnxRuntimeCheck.Run(outside, inputs)["y"], 0);
        Assert.True(OnnxReader.Read(outside).Weights["first.weight"].Value.Data.Span<float>().SequenceEqual(graph.Weights["first.weight"].Value.Data.Span<float>()));
    }

    [Fact]
    public void External_data_behind_a_link_out_of_the_folder_or_past_its_end_is_not_opened()
    {
        using var scratch = TestData.NewFolder();
        using var elsewhere = TestData.NewFolder();
        var graph = Network();
        var ranges = SafetensorsWriter.Write(elsewhere.File("model.safetensors"), graph.Weights);
        var path = scratch.File("model.onnx");
        OnnxWriter.Write(graph, path, new OnnxWriteOptions { ExternalData = new OnnxExternalData("model.safetensors", ranges) });
        Assert.Contains("does not exist", Assert.Throws<DataFormatException>(() => OnnxReader.Read(path)).Message, StringComparison.Ordinal);
        File.CreateSymbolicLink(scratch.File("model.safetensors"), elsewhere.File("model.safetensors"));
        Assert.Contains("outside the folder", Assert.Throws<DataFormatException>(() => OnnxReader.Read(path)).Message, StringComparison.Ordinal);
        File.Delete(scratch.File("model.safetensors"));
        File.WriteAllBytes(scratch.File("model.safetensors"), new byte[16]);
        Assert.Contains("truncated", Assert.Throws<DataFormatException>(() => OnnxReader.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Preprocessing_with_strings_runs_in_ONNX_Runtime()
    {
        var g = new GraphBuilder("encode");
        var colour = g.Input("colour", DataType.String, new Shape("N", 1));
        var code = g.Node("LabelEncoder", [colour], Attributes.Of(("keys_strings", new[] { "", "rot", "grün" }), ("values_int64s", new[] { 0L, 1, 2 }), ("default_int64", 3L)), "ai.onnx.ml");
        g.Output(code, "code", DataType.Int64, new Shape("N", 1));
        using var scratch = TestData.NewFolder();
        OnnxWriter.Write(g.Build(), scratch.File("m.onnx"));
        var result = OnnxRuntimeCheck.Run(scratch.File("m.onnx"), [("colour", new Tensor(["grün", "", "blau"], [3, 1]))])["code"];
        Assert.Equal([2L, 0, 3], result.Data.Span<long>().ToArray());
        Assert.Equal("code", OnnxReader.Read(scratch.File("m.onnx")).Outputs[0].Name);
    }

    [Fact]
    public void Branches_are_kept_and_see_the_values_around_them()
    {
        Graph Branch(string name, float factor)
        {
            var weights = new WeightStore();
            weights.Add($"{name}.factor", Tensor.Of([factor]), WeightRole.Constant);
            return new Graph(name, [], [new($"{name}.out", DataType.Float, new Shape("N"))], [new Node($"{name}.mul", "Mul", ["x", $"{name}.factor"], [$"{name}.out"], Attributes.None)], weights);
        }
        var outer = new WeightStore();
        outer.Add("zero", Tensor.Of([0f]), WeightRole.Constant);
        outer.Add("axis", Tensor.Of([0L], 1), WeightRole.Constant);
        var graph = new Graph("g", [new("x", DataType.Float, new Shape("N"))], [new("y", DataType.Float, new Shape("N"))],
        [
            new Node("sum", "ReduceSum", ["x", "axis"], ["s"], Attributes.Of(("keepdims", 0L))),
            new Node("test", "Greater", ["s", "zero"], ["c"], Attributes.None),
            new Node("if", "If", ["c"], ["y"], Attributes.Of(("then_branch", Branch("then", 2)), ("else_branch", Branch("else", 3)))),
        ], outer);
        using var scratch = TestData.NewFolder();
        OnnxWriter.Write(graph, scratch.File("a.onnx"));
        var read = OnnxReader.Read(scratch.File("a.onnx"));
        Assert.Equal("[N]", ShapeInference.Infer(read)["y"].Shape!.ToString());
        OnnxWriter.Write(read, scratch.File("b.onnx"));
        Assert.Equal([2f, 4], OnnxRuntimeCheck.Run(scratch.File("b.onnx"), [("x", Tensor.Of([1f, 2], 2))])["y"].Data.Span<float>().ToArray());
        Assert.Equal([-3f, -6], OnnxRuntimeCheck.Run(scratch.File("b.onnx"), [("x", Tensor.Of([-1f, -2], 2))])["y"].Data.Span<float>().ToArray());
    }

    [Fact]
    public void Equal_graphs_give_equal_bytes_and_bad_options_write_nothing()
    {
        using var scratch = TestData.NewFolder();
        OnnxWriter.Write(Network(), scratch.File("a.onnx"));
        OnnxWriter.Write(Network(), scratch.File("b.onnx"));
        Assert.Equal(File.ReadAllBytes(scratch.File("a.onnx")), File.ReadAllBytes(scratch.File("b.onnx")));
        Assert.Throws<ArgumentException>(() => OnnxWriter.Write(Network(), scratch.File("c.onnx"), new OnnxWriteOptions { Opset = 16 }));
        Assert.Throws<IOException>(() => OnnxWriter.Write(Network(), scratch.File("none/c.onnx")));
        Assert.Equal(2, Directory.GetFiles(scratch.Folder).Length);
    }

    private static List<(string, WeightRole)> Roles(Graph graph)
        => [.. graph.Weights.All.Where(w => w.Role != WeightRole.Constant).Select(w => (w.Name, w.Role)).OrderBy(w => w.Name, StringComparer.Ordinal)];

    /// <summary>x [B, 3] and ids [B] → embedding, Linear, BatchNorm, exact and tanh GELU, residual, LayerNorm, SiLU, Dropout, an attune node, head [B, 2].</summary>
    private static Graph Network()
    {
        var g = new GraphBuilder("network");
        Tensor Ramp(params long[] sizes) => Tensor.Of([.. Enumerable.Range(0, (int)Tensor.Product(sizes)).Select(i => (i % 7 - 3) * 0.25f)], sizes);
        foreach (var name in new[] { "norm.bias", "norm.weight", "bn.weight", "bn.bias", "first.bias" }) g.Weight(name, Ramp(4));
        g.Weight("first.weight", Ramp(4, 5));
        g.Weight("bn.running_mean", Ramp(4), WeightRole.Buffer);
        g.Weight("bn.running_var", Tensor.Of([1f, 2, 3, 4], 4), WeightRole.Buffer);
        g.Weight("head.weight", Ramp(2, 4));
        g.Weight("head.bias", Ramp(2));
        g.Weight("table", Ramp(3, 2));
        var x = g.Input("x", DataType.Float, new Shape("B", 3));
        var ids = g.Input("ids", DataType.Int64, new Shape("B"));
        var h = g.BatchNorm(g.Linear(g.Concat([x, g.Embedding(ids, "table")], 1), "first"), "bn");
        h = g.Add(g.Gelu(h), g.Gelu(h, tanh: true));
        h = g.Dropout(g.Silu(g.LayerNorm(h, "norm")), 0.1f);
        h = g.Node("DropPath", [h], domain: Node.AttuneDomain);
        g.Output(g.Linear(h, "head"), "y", DataType.Float, new Shape("B", 2));
        return g.Build();
    }

    /// <summary>The network's output for the rows of the first test, computed in double.</summary>
    private static Tensor Expected()
    {
        var w = Network().Weights;
        float[] W(string name) => w[name].Value.Data.Span<float>().ToArray();
        double[][] rows = [[1, -2, 0.5, W("table")[2], W("table")[3]], [3, 0, 1, W("table")[0], W("table")[1]]];
        var result = new float[4];
        for (var r = 0; r < 2; r++)
        {
            var h = new double[4];
            for (var i = 0; i < 4; i++)
            {
                var z = W("first.bias")[i] + Enumerable.Range(0, 5).Sum(j => rows[r][j] * W("first.weight")[i * 5 + j]);
                z = (z - W("bn.running_mean")[i]) / Math.Sqrt(W("bn.running_var")[i] + 1e-5) * W("bn.weight")[i] + W("bn.bias")[i];
                h[i] = 0.5 * z * (1 + Erf(z / Math.Sqrt(2))) + 0.5 * z * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (z + 0.044715 * z * z * z)));
            }
            var (mean, variance) = (h.Average(), h.Average(v => v * v) - h.Average() * h.Average());
            for (var i = 0; i < 4; i++)
            {
                var n = (h[i] - mean) / Math.Sqrt(variance + 1e-5) * W("norm.weight")[i] + W("norm.bias")[i];
                h[i] = n / (1 + Math.Exp(-n));
            }
            for (var k = 0; k < 2; k++) result[r * 2 + k] = (float)(W("head.bias")[k] + Enumerable.Range(0, 4).Sum(j => h[j] * W("head.weight")[k * 4 + j]));
        }
        return Tensor.Of(result, 2, 2);
    }

    /// <summary>The error function by its Maclaurin series, for small arguments.</summary>
    private static double Erf(double x)
    {
        double sum = 0, term = x;
        for (var n = 0; n < 80; n++)
        {
            sum += term / (2 * n + 1);
            term *= -x * x / (n + 1);
        }
        return 2 / Math.Sqrt(Math.PI) * sum;
    }
}
