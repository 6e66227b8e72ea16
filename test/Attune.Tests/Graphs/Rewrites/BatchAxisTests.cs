using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Graphs.Rewrites;
using static Attune.Tests.Graphs.OnnxFile;

namespace Attune.Tests.Graphs.Rewrites;

/// <summary>Graphs exported for a fixed number of rows take any number afterwards, and a row gives the same alone and in a batch; where that cannot be, the reason is told.</summary>
public sealed class BatchAxisTests
{
    [Theory]
    [InlineData(1, "1 -1")]
    [InlineData(1, "1 12")]
    [InlineData(1, "-1 12")]
    [InlineData(1, "0 -1")]
    [InlineData(1, "-1 3")]
    [InlineData(1, "1 2 2 3")]
    [InlineData(4, "4 -1")]
    [InlineData(4, "4 12")]
    [InlineData(4, "48")]
    [InlineData(4, "8 6")]
    public void A_reshape_of_rows(long rows, string target)
    {
        long[] sizes = [.. target.Split(' ').Select(long.Parse)];
        // back to [rows, 12] whatever lies between
        Free(rows, [Node("Reshape", "x target", "r"), Node("Relu", "r", "s"), Node("Reshape", "s back", "y")], ("target", Tensor.Of(sizes, sizes.Length)), ("back", Tensor.Of([rows, 12], 2)));
    }

    [Fact]
    public void A_reshape_behind_a_transpose_follows_the_axis()
        => Free(1, [Node("Transpose", "x", "t", "", ("perm", new[] { 1L, 0, 2 })), Node("Reshape", "t target", "r"), Node("Transpose", "r", "y", "", ("perm", new[] { 1L, 0, 2, 3 }))], ("target", Tensor.Of([3L, 1, 2, 2], 4)));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_class_token_is_repeated(long rows)
        => Free(rows, [Node("Expand", "token shape", "e"), Node("Concat", "e x", "y", "", ("axis", 1L))], ("token", Numbers(5, 1, 1, 4)), ("shape", Tensor.Of([rows, 1, 4], 3)));

    [Fact]
    public void A_constant_that_repeats_itself_for_each_row_is_kept_once()
    {
        var row = Numbers(5, 1, 3, 4).Data.Span<float>().ToArray();
        var (graph, changes) = Free(2, [Node("Add", "x table", "y")], ("table", Tensor.Of([.. row, .. row], 2, 3, 4)));
        Assert.Contains(graph.Weights.All, w => w.Value.Sizes.SequenceEqual([1L, 3, 4]));
        Assert.Contains(changes, c => c.Contains("'table'", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Zeros_for_a_fixed_number_of_rows(long rows)
        => Free(rows, [Node("ConstantOfShape", "shape", "z", "", ("value", Tensor.Of([0.5f], 1))), Node("Concat", "x z", "y", "", ("axis", 2L))], ("shape", Tensor.Of([rows, 3, 1], 3)));

    [Theory]
    [InlineData("Squeeze", "x axis0", "y")]
    [InlineData("ReduceMean", "x axis0", "first axis")]
    [InlineData("Gather", "x zero", "first axis")]
    [InlineData("Add", "x other", "broadcast")]
    public void What_mixes_or_drops_rows_is_told(string op, string inputs, string words)
    {
        var rows = op == "Add" ? 2 : 1;
        using var scratch = TestData.NewFolder();
        var graph = OnnxReader.Read(Save(Graph([Input("x", rows, 3, 4)], ["y"], [Node(op, inputs, "y")], ("axis0", Tensor.Of([0L], 1)), ("zero", Tensor.Of([0L])), ("other", Numbers(1, 2, 3, 4))), scratch.File("m.onnx"), 20));
        var result = BatchAxis.MakeSymbolic(graph);
        Assert.False(result.IsSymbolic);
        Assert.Contains(words, result.Reason, StringComparison.Ordinal);
        Assert.Equal(rows, result.FixedSize);
        Assert.Same(graph, result.Graph);
    }

    /// <summary>A head over a window of feature frames, as wake-word models have it: Flatten, Gemm, Relu, Sigmoid over [1, 3, 4].</summary>
    [Fact]
    public void A_flattened_window()
        => Free(1, [Node("Flatten", "x", "f", "", ("axis", 1L)), Node("Gemm", "f w b", "h", "", ("transB", 1L)), Node("Relu", "h", "r"), Node("Gemm", "r v", "s"), Node("Sigmoid", "s", "y")], ("w", Numbers(1, 8, 12)), ("b", Numbers(2, 8)), ("v", Numbers(3, 8, 1)));

    [Fact]
    public void A_free_axis_stays_as_it_is()
    {
        using var scratch = TestData.NewFolder();
        var graph = OnnxReader.Read(Save(Graph([Input("x", "rows", 3)], ["y"], [Node("Relu", "x", "y")]), scratch.File("m.onnx")));
        Assert.Same(graph, BatchAxis.MakeSymbolic(graph).Graph);
    }

    private static (Graph Graph, IReadOnlyList<string> Changes) Free(long rows, Node[] nodes, params (string Name, Tensor Value)[] weights)
    {
        using var scratch = TestData.NewFolder();
        var path = Save(Graph([Input("x", rows, 3, 4)], ["y"], nodes, weights), scratch.File("m.onnx"));
        var result = BatchAxis.MakeSymbolic(OnnxReader.Read(path));
        Assert.True(result.IsSymbolic, result.Reason);
        Assert.Equal("N", result.Graph.Inputs[0].Shape![0].Symbol);
        Assert.Equal("N", result.Graph.Outputs[0].Shape is { } declared ? declared[0].Symbol : "N");
        OnnxWriter.Write(result.Graph, scratch.File("free.onnx"));
        var x = Numbers(7, 5 * rows, 3, 4);
        var together = OnnxRuntimeCheck.Run(scratch.File("free.onnx"), [("x", x)])["y"];
        var expected = Enumerable.Range(0, 5).SelectMany(i => OnnxRuntimeCheck.Run(path, [("x", Tensor.Of(x.Data.Span<float>((long)i * rows * 12, (int)rows * 12), rows, 3, 4))])["y"].Data.Span<float>().ToArray()).ToArray();
        Assert.Equal(5 * rows, together.Sizes[0]);
        OnnxRuntimeCheck.AssertEqual(Tensor.Of(expected, together.Sizes.ToArray()), together, 1e-6);
        return (result.Graph, result.Changes);
    }
}
