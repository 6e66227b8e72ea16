using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Graphs.Rewrites;
using static Attune.Tests.Graphs.OnnxFile;

namespace Attune.Tests.Graphs.Rewrites;

public sealed class Int8ConversionTests
{
    private static readonly (string, Tensor)[] _weights = [("w", Numbers(1, 32, 40)), ("t", Numbers(2, 40, 32)), ("c", Numbers(3, 40)), ("small", Numbers(4, 32, 2)), ("table", Numbers(5, 1024, 32))];

    [Theory]
    [InlineData("MatMul", "x w", 0)]
    [InlineData("Gemm", "x w c", 0)]
    [InlineData("Gemm", "x t c", 1)]
    [InlineData("Gemm", "x t", 1)]
    public void Products_stay_near_and_are_read_back_as_products(string op, string inputs, long turned)
    {
        var node = Node(op, inputs, "y");
        if (op == "Gemm") node = Node(op, inputs, "y", "", ("transB", turned));
        var converted = Check([node], "x", Numbers(6, 7, 32));
        Assert.Equal(1, converted.Nodes.Count(n => n.Operator == "MatMulInteger"));
        Assert.All(converted.Nodes, n => Assert.Equal("", n.Domain));
    }

    [Fact]
    public void One_value_is_made_integer_once_and_a_weight_turned_by_a_node_is_stored_turned()
    {
        var converted = Check([Node("MatMul", "x w", "a"), Node("Transpose", "t", "tt", "", ("perm", new long[] { 1, 0 })), Node("MatMul", "x tt", "b"), Node("Add", "a b", "y")], "x", Numbers(6, 2, 7, 32));
        Assert.Equal(1, converted.Nodes.Count(n => n.Operator == "DynamicQuantizeLinear"));
        Assert.DoesNotContain(converted.Nodes, n => n.Operator == "Transpose");
        Assert.DoesNotContain(converted.Weights.All, w => w.Name is "w" or "t");
        Assert.All(converted.Weights.All.Where(w => w.Value.Type == DataType.Int8), w => Assert.All(w.Value.Data.Span<sbyte>().ToArray(), v => Assert.InRange(v, -64, 64)));
    }

    [Fact]
    public void Large_tables_are_stored_with_a_scale_a_row()
    {
        var converted = Check([Node("Gather", "table i", "e"), Node("MatMul", "e w", "y")], "i", new Tensor(DataType.Int64, [2, 3], TensorBuffer.From<long>([0, 5, 1023, 7, 7, 500])));
        Assert.Equal([1024L, 1], converted.Weights.All.Single(w => w.Name.StartsWith("table", StringComparison.Ordinal) && w.Value.Type == DataType.Float).Value.Sizes);
    }

    [Fact]
    public void What_is_small_or_computed_stays_and_nothing_at_all_is_refused()
    {
        Assert.Contains("save nothing", Assert.Throws<ArgumentException>(() => Int8Conversion.Run(Graph([Input("x", 7, 32)], ["y"], [Node("MatMul", "x small", "y")], _weights))).Message, StringComparison.Ordinal);
        var graph = Graph([Input("x", 7, 32)], ["y"], [Node("MatMul", "x w", "h"), Node("Transpose", "x", "xt", "", ("perm", new long[] { 1, 0 })), Node("MatMul", "xt h", "y")], _weights);
        Assert.Single(Int8Conversion.Run(graph).Nodes, n => n.Operator == "MatMul");
    }

    // Rounding 32 products of sizes about 1: a few hundredths.
    private static Graph Check(Node[] nodes, string input, Tensor value)
    {
        using var scratch = TestData.NewFolder();
        var shape = new Shape([.. value.Sizes.Select(s => (Dimension)s)]);
        var graph = Graph([new ValueInfo(input, value.Type, shape)], ["y"], nodes, _weights);
        var converted = Int8Conversion.Run(graph);
        (string, Tensor)[] inputs = [(input, value)];
        var expected = OnnxRuntimeCheck.Run(Save(graph, scratch.File("a.onnx")), inputs)["y"].Data.Span<float>().ToArray();
        var actual = OnnxRuntimeCheck.Run(Save(converted, scratch.File("b.onnx")), inputs)["y"].Data.Span<float>().ToArray();
        var largest = expected.Max(Math.Abs);
        for (var i = 0; i < expected.Length; i++) Assert.InRange(actual[i], expected[i] - 0.03 * largest, expected[i] + 0.03 * largest);
        Assert.NotEqual(expected, actual);
        var back = OnnxReader.Read(scratch.File("b.onnx"), OnnxReadOptions.ForTraining);
        Assert.DoesNotContain(back.Nodes, n => n.Operator == "MatMulInteger");
        return converted;
    }
}
