using Attune.Graphs;
using Attune.Graphs.Onnx;
using Attune.Graphs.Rewrites;
using Attune.Weights;
using static Attune.Tests.Graphs.OnnxFile;

namespace Attune.Tests.Graphs.Rewrites;

/// <summary>float16, bfloat16 and double files become fp32 ones that give the same within the source's precision; files can be written as float16.</summary>
public sealed class FloatConversionTests
{
    [Theory]
    [InlineData(DataType.Float16, 2e-3)]
    [InlineData(DataType.Double, 1e-6)]
    public void A_graph_of_another_type_becomes_fp32(DataType type, double tolerance)
    {
        using var scratch = TestData.NewFolder();
        Node[] nodes = [Node("MatMul", "x w", "a"), Node("Add", "a b", "c"), Node("Cast", "c", "d", "", ("to", 1L)), Node("Softmax", "d", "e", "", ("axis", -1L)), Node("Cast", "e", "f", "", ("to", (long)type)), Node("Mul", "f s", "y")];
        var graph = new Graph("g", [new("x", type, new Shape("B", 6))], [new("y", type, new Shape("B", 4))], nodes,
            new WeightStore(new[] { ("w", Numbers(1, 6, 4)), ("b", Numbers(2, 4)), ("s", Tensor.Of([2f])) }.Select(w => new Weight(w.Item1, w.Item2.ToFloating(type), WeightRole.Constant))));
        var path = Save(graph, scratch.File("m.onnx"));
        var x = Numbers(3, 5, 6);
        var read = OnnxReader.Read(path, new OnnxReadOptions { ToFloat = true });
        Assert.DoesNotContain(read.Nodes, n => n.Operator == "Cast");
        Assert.All(read.Weights.All.Where(w => w.Name != "s"), w => Assert.Equal((DataType.Float, WeightRole.Parameter), (w.Value.Type, w.Role)));
        Assert.Equal(type, FloatConversion.SourceType(read));
        OnnxWriter.Write(read, scratch.File("again.onnx"));
        var expected = OnnxRuntimeCheck.Run(path, [("x", x.ToFloating(type))])["y"].ToFloat();
        OnnxRuntimeCheck.AssertEqual(expected, OnnxRuntimeCheck.Run(scratch.File("again.onnx"), [("x", x)])["y"], tolerance);
        Assert.Equal(type, OnnxReader.Read(path).Inputs[0].Type);
    }

    [Fact]
    public void A_half_weight_that_is_cast_to_fp32_trains_in_place()
    {
        using var scratch = TestData.NewFolder();
        var half = Numbers(1, 6, 4).ToFloating(DataType.Float16);
        var path = Save(Graph([Input("x", "B", 6)], ["y"], [Node("Cast", "w", "wf", "", ("to", 1L)), Node("Identity", "wf", "wi"), Node("MatMul", "x wi", "y")], ("w", half)), scratch.File("m.onnx"));
        var read = AssertSame(path, new OnnxReadOptions { ToFloat = true }, 1e-6, ("x", Numbers(3, 5, 6)));
        Assert.Equal(("w", DataType.Float, WeightRole.Parameter), (read.Weights.All[0].Name, read.Weights.All[0].Value.Type, read.Weights.All[0].Role));
    }

    [Fact]
    public void Brain_floats_and_doubles_beyond_fp32()
    {
        var weights = new WeightStore();
        weights.Add("w", Numbers(1, 4, 4).ToFloating(DataType.BFloat16), WeightRole.Parameter);
        weights.Add("mask", Tensor.Of([-1e300, 0, 1e300, double.NegativeInfinity], 4), WeightRole.Constant);
        var graph = new Graph("g", [new("x", DataType.BFloat16, new Shape("B", 4))], [new("y", DataType.BFloat16, null)], [Node("MatMul", "x w", "y")], weights);
        var single = FloatConversion.Run(graph with { Nodes = [Node("MatMul", "x w", "a"), Node("Add", "a mask", "y")] });
        Assert.Equal([float.MinValue, 0, float.MaxValue, float.NegativeInfinity], single.Weights["mask"].Value.Data.Span<float>().ToArray());
        Assert.Equal(DataType.Float, single.Inputs[0].Type);
        Assert.Empty(GraphValidator.Validate(single));
        Assert.Same(single, FloatConversion.Run(single));
    }

    [Fact]
    public void Float16_files_saturate_and_keep_small_numbers_alive()
    {
        using var scratch = TestData.NewFolder();
        Node[] nodes = [Node("MatMul", "x w", "a"), Node("Add", "a mask", "b"), Node("Softmax", "b", "c", "", ("axis", -1L)), Node("Div", "a d", "e"), Node("Mul", "c e", "y")];
        var graph = OnnxReader.Read(Save(Graph([Input("x", "B", 6)], ["y"], nodes, ("w", Numbers(1, 6, 4)), ("mask", Tensor.Of([0, -1e9f, 0, float.MinValue], 4)), ("d", Tensor.Of([1f, 2, 3, 1e-12f], 4))), scratch.File("m.onnx")));
        (string, Tensor)[] inputs = [("x", Numbers(3, 5, 6))];
        OnnxWriter.Write(graph, scratch.File("half.onnx"), new OnnxWriteOptions { Type = DataType.Float16 });
        var actual = OnnxRuntimeCheck.Run(scratch.File("half.onnx"), inputs)["y"];
        OnnxRuntimeCheck.AssertEqual(OnnxRuntimeCheck.Run(scratch.File("m.onnx"), inputs)["y"], actual, 1e-2);
        var read = OnnxReader.Read(scratch.File("half.onnx"));
        Assert.Equal(DataType.Float16, read.Weights["w"].Value.Type);
        Assert.Equal(DataType.Float, read.Inputs[0].Type);
        Assert.All(read.Weights.All, w => Assert.All(w.Value.ToFloat().Data.Span<float>().ToArray(), v => Assert.True(float.IsFinite(v))));

        OnnxWriter.Write(graph, scratch.File("all.onnx"), new OnnxWriteOptions { Type = DataType.Float16, Float16Boundary = true });
        var half = OnnxRuntimeCheck.Run(scratch.File("all.onnx"), [("x", inputs[0].Item2.ToFloating(DataType.Float16))])["y"];
        Assert.Equal(DataType.Float16, half.Type);
        OnnxRuntimeCheck.AssertEqual(actual, half.ToFloat(), 1e-2);
        Assert.Throws<ArgumentException>(() => OnnxWriter.Write(graph, scratch.File("none.onnx"), new OnnxWriteOptions { Type = DataType.Int8 }));
    }
}
