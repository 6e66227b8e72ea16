using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Graphs.Rewrites;
using Attune.Weights;
using static Attune.Tests.Graphs.OnnxFile;

namespace Attune.Tests.Graphs.Onnx;

/// <summary>Quantized files become the fp32 graph they stand for: exact where only weights are quantized, within the quantization step elsewhere.</summary>
public sealed class QuantizedFileTests
{
    private static readonly (string, Tensor)[] _weights =
    [
        ("x_scale", Tensor.Of([0.01f])), ("x_zero", Integers(DataType.UInt8, 128)), ("w_scale", Tensor.Of([0.004f])), ("w_zero", Integers(DataType.Int8, 3)), ("y_scale", Tensor.Of([0.05f])), ("y_zero", Integers(DataType.UInt8, 120)),
        ("b", new Tensor(DataType.Int32, [4], TensorBuffer.From<int>([1000, -2000, 500, 0]))), ("b_scale", Tensor.Of([0.00004f])),
        ("c_scale", Tensor.Of([0.004f, 0.003f, 0.002f, 0.005f], 4)), ("c_zero", new Tensor(DataType.Int8, [4], TensorBuffer.From<sbyte>([1, -2, 0, 3]))), ("zero0", Integers(DataType.UInt8, 0)),
        ("s_relu", Tensor.Of([0.02f])), ("s_six", Tensor.Of([6f / 255])), ("W_quantized", Bytes(1, DataType.Int8, 6, 4)), ("K_quantized", Bytes(2, DataType.Int8, 4, 3, 3, 3)), ("bias", Numbers(3, 4)),
    ];

    [Theory]
    [InlineData("w_scale w_zero", 0)]
    [InlineData("c_scale c_zero", 1)]
    [InlineData("c_scale", 1)]
    public void Weight_only_quantization_is_exact(string parts, long axis)
    {
        var graph = Read([Node("DequantizeLinear", $"W_quantized {parts}", "wf", "", ("axis", axis)), Node("MatMul", "x wf", "y")], [("x", Numbers(4, 3, 6))], 1e-6);
        Assert.Equal("MatMul", Assert.Single(graph.Nodes).Operator);
        Assert.Equal(("W", WeightRole.Parameter, DataType.Float), (graph.Weights.All[0].Name, graph.Weights.All[0].Role, graph.Weights.All[0].Value.Type));
        Assert.Contains("1 weights", graph.Metadata[Dequantization.MetadataKey], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DataType.Int8)]
    [InlineData(DataType.UInt4)]
    [InlineData(DataType.Int4)]
    public void Blocks_along_an_axis(DataType type)
    {
        var values = type.Bits() == 4 ? new Tensor(type, [6, 4], TensorBuffer.From<byte>(Bytes(5, DataType.UInt8, 12).Data.Span<byte>())) : Bytes(5, type, 6, 4);
        var nodes = new[] { Node("DequantizeLinear", "q s", "wf", "", ("axis", 0L), ("block_size", 3L)), Node("MatMul", "x wf", "y") };
        using var scratch = TestData.NewFolder();
        var path = Save(Graph([Input("x", 3, 6)], ["y"], nodes, ("q", values), ("s", Numbers(6, 2, 4))), scratch.File("m.onnx"), 21);
        AssertSame(path, new OnnxReadOptions(), 1e-5, ("x", Numbers(4, 3, 6)));
    }

    [Fact]
    public void Pairs_around_activations_go_and_biases_are_real()
    {
        var graph = Read(
        [
            Node("QuantizeLinear", "x x_scale x_zero", "xq"), Node("DequantizeLinear", "xq x_scale x_zero", "xd"), Node("DequantizeLinear", "K_quantized c_scale c_zero", "kd", "", ("axis", 0L)), Node("DequantizeLinear", "b b_scale", "bd"),
            Node("Conv", "xd kd bd", "c"), Node("QuantizeLinear", "c y_scale y_zero", "cq"), Node("DequantizeLinear", "cq y_scale y_zero", "y"),
        ], [("x", Numbers(4, 2, 3, 6, 6))], 0.15);
        Assert.Equal(["Conv", "Identity"], graph.Nodes.Select(n => n.Operator));
        Assert.Equal(["K", "b.float"], graph.Weights.All.Where(w => w.Role == WeightRole.Parameter).Select(w => w.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("s_relu", "Relu")]
    [InlineData("s_six", "Clip")]
    public void An_activation_that_the_range_stood_for_comes_back(string scale, string op)
    {
        Node[] nodes = [Node("DequantizeLinear", "W_quantized w_scale w_zero", "wd"), Node("MatMul", "x wd", "a"), Node("QuantizeLinear", $"a {scale} zero0", "aq"), Node("DequantizeLinear", $"aq {scale} zero0", "d"), Node("Neg", "d", "y")];
        var graph = Read(nodes, [("x", Numbers(4, 20, 6))], 0.03);
        Assert.Contains(graph.Nodes, n => n.Operator == op);
        // a Relu that stands there anyway is not doubled
        var twice = Read([.. nodes[..2], Node("Relu", "a", "r"), Node("QuantizeLinear", $"r {scale} zero0", "aq"), .. nodes[3..]], [("x", Numbers(4, 20, 6))], 0.03);
        Assert.Equal(1, twice.Nodes.Count(n => n.Operator == "Relu"));
        Assert.DoesNotContain(twice.Nodes, n => n.Operator == "Clip");
    }

    [Fact]
    public void Operators_over_integers()
    {
        var graph = Read(
        [
            Node("QuantizeLinear", "x x_scale x_zero", "xq"), Node("QLinearConv", "xq x_scale x_zero K_quantized c_scale c_zero0 y_scale y_zero b", "cq"), Node("MaxPool", "cq", "pq", "", ("kernel_shape", new[] { 2L, 2 }), ("strides", new[] { 2L, 2 })),
            Node("Reshape", "pq shape", "rq"), Node("QLinearMatMul", "rq y_scale y_zero M w_scale w_zero y_scale y_zero", "mq"), Node("QLinearAdd", "mq y_scale y_zero mq y_scale y_zero y_scale y_zero", "aq", "com.microsoft"),
            Node("QLinearSigmoid", "aq y_scale y_zero s_sig zero0", "sq", "com.microsoft"), Node("DequantizeLinear", "sq s_sig zero0", "y"),
        ], [("x", Numbers(4, 2, 3, 6, 6))], 0.08, ("c_zero0", new Tensor(DataType.Int8, [4], TensorBuffer.From<sbyte>([0, 0, 0, 0]))), ("shape", Tensor.Of([0L, -1], 2)), ("M", Bytes(9, DataType.Int8, 16, 4)), ("s_sig", Tensor.Of([1f / 256])));
        Assert.Equal(["Conv", "MaxPool", "Reshape", "MatMul", "Add", "Sigmoid", "Identity"], graph.Nodes.Select(n => n.Operator));
    }

    [Fact]
    public void Dynamic_quantization()
    {
        Node[] nodes =
        [
            Node("DynamicQuantizeLinear", "x", "xq xs xz"), Node("MatMulInteger", "xq W_quantized xz w_zero", "i"), Node("Cast", "i", "f", "", ("to", 1L)), Node("Mul", "xs w_scale", "s"), Node("Mul", "f s", "m"), Node("Add", "m bias", "y"),
        ];
        var graph = Read(nodes, [("x", Numbers(4, 3, 6))], 0.02);
        Assert.Equal(["MatMul", "Add"], graph.Nodes.Select(n => n.Operator));
        Assert.Equal(["W", "bias"], graph.Weights.All.Where(w => w.Role == WeightRole.Parameter).Select(w => w.Name).Order(StringComparer.Ordinal));
        Assert.Equal(["MatMul", "Add"], Read([Node("DynamicQuantizeMatMul", "x W_quantized w_scale w_zero bias", "y", "com.microsoft")], [("x", Numbers(4, 3, 6))], 0.02).Nodes.Select(n => n.Operator));
        Assert.Equal(["Conv", "Identity"], Read([Node("DynamicQuantizeLinear", "x", "xq xs xz"), Node("ConvInteger", "xq U xz u_zero", "i"), Node("Cast", "i", "f", "", ("to", 1L)), Node("Mul", "w_scale xs", "s"), Node("Mul", "f s", "m"), Node("Identity", "m", "y")],
            [("x", Numbers(4, 2, 3, 6, 6))], 0.05, ("U", Bytes(3, DataType.UInt8, 4, 3, 3, 3)), ("u_zero", Integers(DataType.UInt8, 128))).Nodes.Select(n => n.Operator));
    }

    [Fact]
    public void A_shared_weight_stays_one_weight_and_a_flood_of_scales_is_refused()
    {
        Node[] shared = [Node("DequantizeLinear", "W_quantized w_scale w_zero", "w1"), Node("DequantizeLinear", "W_quantized w_scale w_zero", "w2"), Node("MatMul", "x w1", "p1"), Node("MatMul", "x w2", "p2"), Node("Add", "p1 p2", "y")];
        Assert.Single(Read(shared, [("x", Numbers(4, 3, 6))], 1e-6).Weights.All);
        var many = Enumerable.Range(0, 2000).ToArray();
        Node[] flood = [.. many.Select(i => Node("DequantizeLinear", $"big s{i}", $"d{i}")), Node("MatMul", "x d0", "y")];
        using var scratch = TestData.NewFolder();
        var path = Save(Graph([Input("x", 1, 1000)], ["y"], flood, [("big", Bytes(1, DataType.Int8, 1000, 1000)), .. many.Select(i => ($"s{i}", Tensor.Of([1f + i])))]), scratch.File("m.onnx"));
        Assert.Contains("different scales", Assert.Throws<DataFormatException>(() => OnnxReader.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Embeddings_are_looked_up_in_the_real_table()
    {
        var graph = Read([Node("Gather", "W_quantized ids", "g"), Node("DequantizeLinear", "g w_scale w_zero", "y")], [("ids", Tensor.Of([1L, 0, 5], 3))], 1e-6);
        Assert.Equal("Gather", Assert.Single(graph.Nodes).Operator);
        Assert.Equal(WeightRole.Parameter, graph.Weights["W"].Role);
    }

    [Fact]
    public void An_input_of_integers_is_scaled_in_the_graph()
        => Read([Node("DequantizeLinear", "q x_scale x_zero", "r"), Node("Relu", "r", "y")], [("q", Bytes(3, DataType.UInt8, 2, 5))], 1e-6);

    [Fact]
    public void What_matches_no_pattern_is_refused_by_name()
    {
        using var scratch = TestData.NewFolder();
        Node[] nodes = [Node("DynamicQuantizeLinear", "x", "xq xs xz"), Node("MatMulInteger", "xq W_quantized xz", "i"), Node("Cast", "i", "y", "", ("to", 1L))];
        var error = Assert.Throws<DataFormatException>(() => OnnxReader.Read(Save(Make(nodes, [("x", Numbers(1, 3, 6))]), scratch.File("m.onnx"))));
        Assert.Contains("'xq_node'", error.Message, StringComparison.Ordinal);
        Assert.Contains("quantized", error.Message, StringComparison.Ordinal);
        Assert.Throws<DataFormatException>(() => OnnxReader.Read(Save(Make([Node("QLinearConv", "x x_scale", "y")], [("x", Numbers(1, 3, 6))]), scratch.File("m.onnx"))));
    }

    [Fact]
    public void Without_dequantizing_the_nodes_stay()
    {
        using var scratch = TestData.NewFolder();
        var path = Save(Make([Node("DequantizeLinear", "W_quantized w_scale w_zero", "wf"), Node("MatMul", "x wf", "y")], [("x", Numbers(4, 3, 6))]), scratch.File("m.onnx"));
        var graph = AssertSame(path, new OnnxReadOptions { Dequantize = false }, 1e-6, ("x", Numbers(4, 3, 6)));
        Assert.Equal(DataType.Int8, graph.Weights["W_quantized"].Value.Type);
    }

    private static Graph Make(Node[] nodes, (string Name, Tensor Value)[] inputs, params (string Name, Tensor Value)[] more)
    {
        var read = nodes.SelectMany(n => n.Inputs).ToHashSet();
        return Graph([.. inputs.Select(i => new ValueInfo(i.Name, i.Value.Type, Shape.Of([.. i.Value.Sizes])))], ["y"], nodes, [.. _weights.Concat(more).Where(w => read.Contains(w.Item1))]);
    }

    private static Graph Read(Node[] nodes, (string Name, Tensor Value)[] inputs, double tolerance, params (string Name, Tensor Value)[] more)
    {
        using var scratch = TestData.NewFolder();
        return AssertSame(Save(Make(nodes, inputs, more), scratch.File("m.onnx")), new OnnxReadOptions(), tolerance, inputs);
    }
}
