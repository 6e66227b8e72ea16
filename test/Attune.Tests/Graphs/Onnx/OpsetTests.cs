using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Weights;
using static Attune.Tests.Graphs.OnnxFile;

namespace Attune.Tests.Graphs.Onnx;

/// <summary>Operators whose meaning changed, read from old files; operators that older files lack, written as their bodies. ONNX Runtime runs both sides.</summary>
public sealed class OpsetTests
{
    private static readonly (string, Tensor) _image = ("x", Numbers(1, 1, 4, 3, 3));

    [Fact]
    public void Upsample_and_the_first_Resize_take_the_sample_above_and_left()
    {
        var scales = ("scales", Tensor.Of([1f, 1, 2, 2.5f], 4));
        Upgrade(7, [Node("Upsample", "x", "y", "", ("scales", new[] { 1f, 1, 2, 3 }), ("mode", "nearest"))], [_image]);
        Upgrade(9, [Node("Upsample", "x scales", "y", "", ("mode", "nearest"))], [_image], scales);
        Upgrade(9, [Node("Upsample", "x scales", "y", "", ("mode", "linear"))], [_image], scales);
        Upgrade(10, [Node("Resize", "x scales", "y", "", ("mode", "nearest"))], [_image], scales);
        Upgrade(11, [Node("Resize", "x roi scales", "y", "", ("mode", "linear"), ("coordinate_transformation_mode", "align_corners"))], [_image], scales, ("roi", Tensor.Of(ReadOnlySpan<float>.Empty, 0)));
    }

    [Fact]
    public void Renamed_operators_and_modes()
    {
        Upgrade(10, [Node("Scatter", "x index updates", "y", "", ("axis", 1L))], [_image], ("index", Tensor.Of([1L, 3], 1, 2, 1, 1)), ("updates", Numbers(2, 1, 2, 1, 1)));
        Upgrade(16, [Node("GridSample", "x grid", "y", "", ("mode", "bilinear"))], [_image], ("grid", Numbers(2, 1, 2, 2, 2)));
        Upgrade(16, [Node("GridSample", "x grid", "y", "", ("mode", "bicubic"))], [_image], ("grid", Numbers(2, 1, 2, 2, 2)));
        Upgrade(8, [Node("BatchNormalization", "x g b m v", "y", "", ("spatial", 1L))], [_image], ("g", Numbers(1, 4)), ("b", Numbers(2, 4)), ("m", Numbers(3, 4)), ("v", Tensor.Of([1f, 2, 3, 4], 4)));
        Upgrade(7, [Node("Gemm", "f w c", "y", "", ("transB", 1L), ("alpha", 0.5f))], [("f", Numbers(1, 3, 4))], ("w", Numbers(2, 5, 4)), ("c", Numbers(3, 5)));
        Upgrade(9, [Node("TopK", "f", "v i", "", ("k", 2L)), Node("Neg", "v", "y")], [("f", Numbers(1, 3, 4))]);
    }

    [Fact]
    public void Group_normalisation_once_had_one_scale_for_each_group()
    {
        using var scratch = TestData.NewFolder();
        var old = Graph([Input("x", 1, 4, 3, 3)], ["y"], [Node("GroupNormalization", "x g b", "y", "", ("num_groups", 2L), ("epsilon", 1e-3f))], ("g", Numbers(2, 2)), ("b", Numbers(3, 2)));
        var read = OnnxReader.ReadUnchecked(Save(old, scratch.File("old.onnx"), 18), dequantize: true).Graph;
        // expected in double, from the definition
        var x = _image.Item2.Data.Span<float>();
        var g = old.Weights["g"].Value.Data.Span<float>();
        var b = old.Weights["b"].Value.Data.Span<float>();
        var expected = new float[36];
        for (var group = 0; group < 2; group++)
        {
            var part = x.Slice(group * 18, 18).ToArray().Select(v => (double)v).ToArray();
            var (mean, variance) = (part.Average(), part.Average(v => v * v) - part.Average() * part.Average());
            for (var i = 0; i < 18; i++) expected[group * 18 + i] = (float)((part[i] - mean) / Math.Sqrt(variance + 1e-3) * g[group] + b[group]);
        }
        foreach (var opset in new[] { 17, 20, 21 })
            OnnxRuntimeCheck.AssertEqual(Tensor.Of(expected, 1, 4, 3, 3), OnnxRuntimeCheck.Run(Export(read, scratch.File($"{opset}.onnx"), opset), [_image])["y"]);
    }

    [Theory]
    [InlineData("x k v", 0, 0f, null)]
    [InlineData("x k v", 1, 0f, null)]
    [InlineData("x k v mask", 0, 0f, 0.4f)]
    [InlineData("x k v", 0, 0.5f, null)]
    [InlineData("x k v mask", 0, 0.5f, null)]
    [InlineData("x k v", 1, 0.5f, null)]
    [InlineData("x k v allowed", 0, 0f, null)]
    [InlineData("x k1 v1", 0, 0f, null)]
    public void The_body_of_attention_is_the_operator(string inputs, long causal, float cap, float? scale)
    {
        (string, object)[] attributes = [("is_causal", causal)];
        if (cap != 0) attributes = [.. attributes, ("softcap", cap)];
        if (scale is { } value) attributes = [.. attributes, ("scale", value)];
        Body([Node("Attention", inputs, "y", "", attributes)], [("x", Numbers(1, 2, 4, 5, 3))],
            ("k", Numbers(2, 2, 4, 6, 3)), ("v", Numbers(3, 2, 4, 6, 3)), ("k1", Numbers(2, 2, 2, 6, 3)), ("v1", Numbers(3, 2, 2, 6, 3)), ("mask", Numbers(4, 5, 6)), ("allowed", new Tensor(DataType.Bool, [5, 6], TensorBuffer.From<byte>([.. Enumerable.Range(0, 30).Select(i => (byte)(i % 7 == 3 ? 0 : 1))]))));
    }

    [Fact]
    public void The_body_of_attention_over_three_axes()
        => Body([Node("Attention", "x k v", "y", "", ("q_num_heads", 4L), ("kv_num_heads", 2L))], [("x", Numbers(1, 2, 5, 12))], ("k", Numbers(2, 2, 6, 6)), ("v", Numbers(3, 2, 6, 6)));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(0, 4)]
    [InlineData(1, 4)]
    public void The_body_of_rotary_embedding_is_the_operator(long interleaved, long part)
    {
        var half = part == 0 ? 4 : part / 2;
        (string, Tensor)[] weights = [("cos", Numbers(2, 10, half)), ("sin", Numbers(3, 10, half)), ("at", Tensor.Of([0L, 3, 2, 7, 1, 9], 2, 3))];
        (string, object)[] attributes = [("interleaved", interleaved), ("rotary_embedding_dim", part)];
        Body([Node("RotaryEmbedding", "x cos sin at", "y", "", attributes)], [("x", Numbers(1, 2, 5, 3, 8))], weights);
        Body([Node("RotaryEmbedding", "x cos sin at", "y", "", [.. attributes, ("num_heads", 2L)])], [("x", Numbers(1, 2, 3, 16))], weights);
    }

    [Fact]
    public void What_an_opset_cannot_say_is_refused()
    {
        using var scratch = TestData.NewFolder();
        var blocks = Graph([Input("x", 3, 6)], ["y"], [Node("DequantizeLinear", "q s", "w", "", ("axis", 0L), ("block_size", 3L)), Node("MatMul", "x w", "y")], ("q", Bytes(1, DataType.Int8, 6, 4)), ("s", Numbers(2, 2, 4)));
        Assert.Contains("opset 21", Assert.Throws<ArgumentException>(() => OnnxWriter.Write(blocks, scratch.File("m.onnx"), new OnnxWriteOptions { Opset = 20 })).Message, StringComparison.Ordinal);
        var loop = Graph([Input("x", 3, 6)], ["y"], [Node("Loop", "x x x", "y")]);
        Assert.Contains("loop", Assert.Throws<DataFormatException>(() => OnnxReader.Read(Save(loop, scratch.File("l.onnx")))).Message, StringComparison.Ordinal);
    }

    /// <summary>The old file in ONNX Runtime and the upgraded one give the same; operators need no shape rule for that.</summary>
    private static void Upgrade(int opset, Node[] nodes, (string Name, Tensor Value)[] inputs, params (string Name, Tensor Value)[] weights)
    {
        using var scratch = TestData.NewFolder();
        var graph = Graph([.. inputs.Select(i => new ValueInfo(i.Name, i.Value.Type, Shape.Of([.. i.Value.Sizes])))], ["y"], nodes, weights);
        var before = Save(graph, scratch.File("before.onnx"), opset);
        var after = Export(OnnxReader.ReadUnchecked(before, dequantize: true).Graph, scratch.File("after.onnx"), 21);
        OnnxRuntimeCheck.AssertEqual(OnnxRuntimeCheck.Run(before, inputs)["y"], OnnxRuntimeCheck.Run(after, inputs)["y"]);
    }

    /// <summary>The operator of opset 23 and its body in opsets 17 and 22 give the same.</summary>
    private static void Body(Node[] nodes, (string Name, Tensor Value)[] inputs, params (string Name, Tensor Value)[] weights)
    {
        using var scratch = TestData.NewFolder();
        var read = nodes.SelectMany(n => n.Inputs).ToHashSet();
        var graph = Graph([.. inputs.Select(i => new ValueInfo(i.Name, i.Value.Type, Shape.Of([.. i.Value.Sizes])))], ["y"], nodes, [.. weights.Where(w => read.Contains(w.Name))]);
        var expected = OnnxRuntimeCheck.Run(Save(graph, scratch.File("native.onnx"), 23), inputs)["y"];
        foreach (var opset in new[] { 17, 22 })
        {
            var path = Export(graph, scratch.File($"{opset}.onnx"), opset);
            Assert.DoesNotContain(OnnxReader.ReadUnchecked(path, dequantize: true).Graph.Nodes, n => n.Operator == nodes[0].Operator);
            OnnxRuntimeCheck.AssertEqual(expected, OnnxRuntimeCheck.Run(path, inputs)["y"]);
        }
    }

    private static string Export(Graph graph, string path, int opset)
    {
        var written = OpsetExport.Run(opset, keepDropout: false, graph);
        var outputs = written.Outputs.Select(o => o with { Type = DataType.Float });
        return Save(written with { Outputs = [.. outputs] }, path, opset);
    }
}
