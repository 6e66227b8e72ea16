using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Graphs.Rewrites;
using static Attune.Tests.Graphs.OnnxFile;

namespace Attune.Tests.Graphs.Rewrites;

public sealed class BatchNormFoldingTests
{
    private static readonly (string, Tensor)[] _norm = [("g", Numbers(2, 4)), ("t", Numbers(3, 4)), ("m", Numbers(4, 4)), ("v", Tensor.Of([0.5f, 2, 3, 0.1f], 4))];

    [Theory]
    [InlineData("x w", 1)]
    [InlineData("x w c", 1)]
    [InlineData("x k c6", 3)]
    public void Convolutions(string inputs, long groups)
    {
        var norm = groups == 3 ? "h g6 t6 m6 v6" : "h g t m v";
        var graph = Check([Node("Conv", inputs, "h", "", ("group", groups)), Node("BatchNormalization", norm, "y")], 1, ("x", Numbers(1, 2, 3, 5, 5)), ("w", Numbers(5, 4, 3, 2, 2)), ("c", Numbers(6, 4)), ("k", Numbers(5, 6, 1, 2, 2)), ("c6", Numbers(6, 6)));
        Assert.Contains(graph.Weights.All, w => w.Name == (inputs.Contains('k') ? "k" : "w"));
    }

    [Theory]
    [InlineData("f a", 0, 1f, 1f)]
    [InlineData("f b c", 1, 0.5f, 2f)]
    [InlineData("f b one", 1, 1f, 0.5f)]
    public void Products(string inputs, long turned, float alpha, float beta)
        => Check([Node("Gemm", inputs, "h", "", ("transB", turned), ("alpha", alpha), ("beta", beta)), Node("BatchNormalization", "h g t m v", "y")], 1, ("f", Numbers(1, 5, 3)), ("a", Numbers(5, 3, 4)), ("b", Numbers(6, 4, 3)), ("c", Numbers(7, 4)), ("one", Tensor.Of([0.7f], 1)));

    [Fact]
    public void A_product_that_others_read_is_not_folded_and_a_shared_weight_is_copied()
    {
        Check([Node("Conv", "x w", "h"), Node("BatchNormalization", "h g t m v", "n"), Node("Add", "h n", "y")], 3, ("x", Numbers(1, 2, 3, 5, 5)), ("w", Numbers(5, 4, 3, 2, 2)));
        var graph = Check([Node("Conv", "x w", "h"), Node("BatchNormalization", "h g t m v", "n"), Node("Conv", "x w", "i"), Node("Add", "i n", "y")], 3, ("x", Numbers(1, 2, 3, 5, 5)), ("w", Numbers(5, 4, 3, 2, 2)));
        Assert.Equal(["t", "w", "w.folded"], graph.Weights.All.Select(w => w.Name).Order(StringComparer.Ordinal));
    }

    /// <summary>A transposed convolution has its channels on axis 1, divided into groups along axis 0.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Transposed_convolutions(long groups)
    {
        using var scratch = TestData.NewFolder();
        var graph = Graph([Input("x", 2, 6, 3, 3)], ["y"], [Node("ConvTranspose", "x w", "h", "", ("group", groups)), Node("BatchNormalization", "h g t m v", "y")], [("w", Numbers(5, 6, 4 / groups, 2, 2)), .. _norm]);
        var folded = BatchNormFolding.Run(graph);
        Assert.Equal("ConvTranspose", Assert.Single(folded.Nodes).Operator);
        (string, Tensor)[] inputs = [("x", Numbers(1, 2, 6, 3, 3))];
        OnnxRuntimeCheck.AssertEqual(OnnxRuntimeCheck.Run(Save(graph, scratch.File("a.onnx")), inputs)["y"], OnnxRuntimeCheck.Run(Save(folded, scratch.File("b.onnx")), inputs)["y"]);
    }

    private static Graph Check(Node[] nodes, int left, params (string Name, Tensor Value)[] values)
    {
        using var scratch = TestData.NewFolder();
        (string, Tensor)[] all = [.. values[1..], .. _norm, ("g6", Numbers(2, 6)), ("t6", Numbers(3, 6)), ("m6", Numbers(4, 6)), ("v6", Tensor.Of([1f, 2, 3, 4, 5, 6], 6))];
        var read = nodes.SelectMany(n => n.Inputs).ToHashSet();
        var path = Save(Graph([new(values[0].Name, DataType.Float, Shape.Of([.. values[0].Value.Sizes]))], ["y"], nodes, [.. all.Where(w => read.Contains(w.Item1))]), scratch.File("m.onnx"));
        var graph = OnnxReader.Read(path);
        Assert.Contains(graph.Nodes, n => n.Operator == "BatchNormalization");
        OnnxWriter.Write(graph, scratch.File("folded.onnx"), new OnnxWriteOptions { FoldBatchNorm = true });
        OnnxRuntimeCheck.AssertEqual(OnnxRuntimeCheck.Run(path, values[..1], optimize: false)["y"], OnnxRuntimeCheck.Run(scratch.File("folded.onnx"), values[..1])["y"]);
        var folded = OnnxReader.Read(scratch.File("folded.onnx"));
        Assert.Equal(left, folded.Nodes.Count);
        return folded;
    }
}
